import type { PicoDollars } from "@spanhouse/schemas/money";

/**
 * Why a bill and stored spend differ, in the order in which it is asked. Each takes of what is left the most that it can
 * explain; the last two take the rest, so that the amounts always add up to the whole difference.
 */
export const differenceClasses = {
  /** Amounts of the bill have fewer digits. */
  rounding: "the bill's amounts are rounded",
  /** The same day, model and key under another tier than is stored: what the provider did charge, and its price. */
  tier: "billed in another service tier than the calls tell",
  /** Calls that began on one day and ended on the next. */
  time_zone_cut: "calls over midnight, billed on the day of their beginning",
  aborted_streams: "streams that were broken off, without usage",
  retries: "failed tries that the provider answered",
  unknown_usage: "calls that did not tell their usage",
  unknown_price: "calls whose price is not known",
  /** Calls and tokens are the same on both sides. */
  price: "the same tokens at another price",
  untraced_calls: "billed, and by no stored call",
  not_billed: "stored, and not on the bill",
} as const;
export type DifferenceClass = keyof typeof differenceClasses;

/** What no stored fact explains. */
export const unexplained: ReadonlySet<DifferenceClass> = new Set(["price", "untraced_calls", "not_billed"]);

/** Billed less stored, by class; those of nothing are absent. */
export type Explanation = Readonly<Partial<Record<DifferenceClass, PicoDollars>>>;
