import type { NormalisedSpan, Price } from "@spanhouse/schemas/span";

/** What a price depends on: a call as the dialects' readers give it. A `NormalisedSpan` is one. */
export type PricedCall = Pick<
  NormalisedSpan,
  | "project"
  | "role"
  | "family"
  | "provider"
  | "requestModel"
  | "responseModel"
  | "serviceTier"
  | "usageState"
  | "usage"
  | "endTime"
>;

/**
 * Where prices come from. What an implementation promises:
 *
 * - `priceOf` is pure: the same call has the same price as long as `fingerprint` is the same. It never throws.
 * - An amount is below a million dollars; usage that would cost more cannot be true, and has the state `unknown_model`.
 * - A price holds at the call's end, whenever it is asked for.
 * - `priced` means that every positive quantity of the usage has a price; the amount is exact to the rounding of
 *   `rounding.ts`. Where some quantity has none, or quantities contradict each other, the rest is `estimated` and the
 *   rule says what was left out. Where nothing is known of the model, its provider or its service tier, the state is
 *   `unknown_model` and the cost 0n; where the usage is unknown, `unknown_usage`. Unknown is never a price of zero.
 * - Arithmetic is in integers, from the decimal text of the published price.
 */
export interface PriceBook {
  priceOf(call: PricedCall): Price;
  /** Differs whenever some call could have another price: source, version and a hash of the data. */
  readonly fingerprint: string;
}
