import type { PicoDollars } from "@spanhouse/schemas/money";
import type { DifferenceClass, Explanation } from "./differences.ts";
import type { CostlessCalls, StoredSpend } from "./stored-spend.ts";

/** What the bill says of a day, model, key and tier. */
export interface Billed {
  readonly dollars: PicoDollars;
  readonly rounding: PicoDollars;
  /** Undefined: the provider does not tell. */
  readonly calls: number | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/** Both sides of one day, model, key and tier; a side that has nothing of it is zero. */
export interface Pair {
  readonly billed: Billed;
  readonly stored: Omit<StoredSpend, "day" | "model" | "key" | "tier">;
}

/** The differences of the tiers of one day, model and key, each explained; in the order of the pairs. */
export function explainTiers(pairs: readonly Pair[]): Explanation[] {
  // A tier that only the bill has beside one that only the spans have: the calls tell another tier than was charged.
  const onlyBilled = pairs.filter(
    ({ billed, stored }) => billed.dollars !== 0n && stored.calls === 0 && stored.cost === 0n,
  );
  const onlyStored = pairs.filter(({ billed, stored }) => billed.dollars === 0n && stored.cost !== 0n);
  const moved =
    onlyBilled.length > 0 && onlyStored.length > 0 ? new Set([...onlyBilled, ...onlyStored]) : new Set<Pair>();
  return pairs.map((pair) => (moved.has(pair) ? { tier: differenceOf(pair) } : explain(pair)));
}

function differenceOf({ billed, stored }: Pair): PicoDollars {
  return billed.dollars - stored.cost;
}

function explain(pair: Pair): Explanation {
  const { billed, stored } = pair;
  const found: Partial<Record<DifferenceClass, PicoDollars>> = {};
  let left = differenceOf(pair);
  const take = (name: DifferenceClass, amount: PicoDollars) => {
    if (amount === 0n) return;
    found[name] = amount;
    left -= amount;
  };
  const roundOff = () => {
    if (magnitude(left) <= billed.rounding) take("rounding", left);
  };

  roundOff();
  take("time_zone_cut", left > 0n ? least(left, stored.endedAfter) : -least(-left, stored.beganBefore));
  const average = stored.pricedCalls > 0 ? stored.cost / BigInt(stored.pricedCalls) : undefined;
  const costless = {
    aborted_streams: stored.aborted,
    retries: stored.failed,
    unknown_usage: stored.unknownUsage,
  } as const;
  for (const [name, calls] of Object.entries({ ...costless, unknown_price: stored.unknownPrice })) {
    if (left > 0n) take(name as DifferenceClass, least(left, worthOf(calls, average) ?? left));
  }
  roundOff();
  const sameUsage =
    billed.inputTokens !== undefined &&
    billed.inputTokens + (billed.outputTokens ?? 0) > 0 &&
    billed.inputTokens === stored.inputTokens &&
    billed.outputTokens === stored.outputTokens;
  take(sameUsage ? "price" : left > 0n ? "untraced_calls" : "not_billed", left);
  return found;
}

/**
 * What calls without an exact cost may have cost: their estimates, and for the others the average of the priced calls
 * beside them. Undefined where nothing bounds it.
 */
function worthOf(
  { calls, estimate, unestimated }: CostlessCalls,
  average: PicoDollars | undefined,
): PicoDollars | undefined {
  if (calls === 0) return 0n;
  if (unestimated === 0) return estimate;
  return average === undefined ? undefined : estimate + average * BigInt(unestimated);
}

function least(a: PicoDollars, b: PicoDollars): PicoDollars {
  return a < b ? a : b;
}

function magnitude(amount: PicoDollars): PicoDollars {
  return amount < 0n ? -amount : amount;
}
