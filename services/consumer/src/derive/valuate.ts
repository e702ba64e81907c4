import type { EstimatedUsage, Price } from "@spanhouse/schemas/span";
import { mappedOwnership } from "@spanhouse/schemas/span";
import { type MappedOwnership, mappedFields, type OwnedCall, type OwnershipRules } from "./ownership-rules.ts";
import type { PriceBook } from "./price/price-book.ts";
import type { PricedCall } from "./price/priced-call.ts";
import { clip } from "./short-text.ts";
import { noUsage } from "./usage.ts";

/** A call before rules and prices, or a row of `spans` with what rules and prices once made of it. */
export type ValuedCall = PricedCall &
  OwnedCall & { readonly estimatedUsage?: EstimatedUsage | undefined; readonly mappedOwnership?: number };

/** What rules and prices make of a call: the columns of a row that change with them, and no others. */
export interface Valuation extends MappedOwnership {
  /** Bits of `mappedOwnership`: what a rule gave. */
  readonly mappedOwnership: number;
  readonly price: Price;
}

export interface ValuationParts {
  readonly priceBook: PriceBook;
  readonly ownershipRules: OwnershipRules;
}

/**
 * Who pays for a call, and how much. Needs nothing but columns of `spans`, so that stored rows can be valued again when
 * rules or prices have changed: what an earlier rule gave is taken away first.
 */
export function createValuation({ priceBook, ownershipRules }: ValuationParts): (call: ValuedCall) => Valuation {
  return function valuate(call) {
    const { owners, mapped } = ownershipRules.apply(call.mappedOwnership ? ownOf(call) : call);
    const { team, costCentre, feature, prompt, release } = owners;
    return { team, costCentre, feature, prompt, release, mappedOwnership: mapped, price: priceOf(priceBook, call) };
  };
}

/** An estimate is priced in the estimated column only, and the rule says so. */
function priceOf(priceBook: PriceBook, call: ValuedCall): Price {
  if (call.usageState !== "estimated" || !call.estimatedUsage) return priceBook.priceOf(call);
  const price = priceBook.priceOf({ ...call, usage: { ...noUsage, ...call.estimatedUsage } });
  return price.state === "estimated" ? { ...price, rule: clip(`${price.rule}, tokens estimated`) } : price;
}

/** The call as it was before any rule. */
function ownOf(call: ValuedCall): ValuedCall {
  const given = mappedFields.filter((field) => ((call.mappedOwnership ?? 0) & mappedOwnership[field]) !== 0);
  return { ...call, ...Object.fromEntries(given.map((field) => [field, ""])) };
}
