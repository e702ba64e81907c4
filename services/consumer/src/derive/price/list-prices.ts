import type { BillingUnit } from "@spanhouse/schemas/billing-units";
import type { PricedCall } from "./priced-call.ts";
import type { Fraction, PublishedPrices } from "./unit-price.ts";

/** The prices of a call before any discount: the same object for the same prices, so that tariffs can be remembered. */
export interface FoundPrices {
  readonly kind: "found";
  readonly prices: PublishedPrices;
  /** What a tier makes of each unit's price; one function for one tier. */
  readonly factorOf: (unit: BillingUnit) => Fraction;
  readonly source: string;
  readonly version: string;
  readonly rule: string;
}

/** Nobody has published a price for the call; the rule says what is missing. */
export interface UnknownPrices {
  readonly kind: "unknown";
  readonly rule: string;
}

/** What providers publish. Pure; a price holds at the call's end. */
export interface ListPrices {
  find(
    call: Pick<PricedCall, "provider" | "requestModel" | "responseModel" | "serviceTier" | "usage" | "endTime">,
  ): FoundPrices | UnknownPrices;
  readonly source: string;
  readonly version: string;
}
