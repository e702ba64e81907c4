import { billedUsage } from "@spanhouse/schemas/billing-units";
import type { Price } from "@spanhouse/schemas/span";
import { clip } from "../short-text.ts";
import type { FoundPrices, ListPrices, UnknownPrices } from "./list-prices.ts";
import type { Discount, PriceRules } from "./price-rules.ts";
import type { PricedCall } from "./priced-call.ts";
import { createTariff, type Tariff } from "./tariff.ts";
import { type Fraction, one, product } from "./unit-price.ts";

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
  /** Differs whenever some call could have another price: source, version and a hash of the data and the rules. */
  readonly fingerprint: string;
}

/** $1,000,000: no call costs so much, and no column of a span holds more. Such a usage cannot be true. */
const unbelievable = 10n ** 18n;

/** What providers publish, and a project's own prices, aliases and discounts before it. */
export function createPriceBook(list: ListPrices, rules: PriceRules): PriceBook {
  /** By the prices, the tier and the discount: all three are the same objects for the same thing. */
  const tariffs = new WeakMap<object, WeakMap<object, Map<Discount | undefined, Tariff>>>();

  const unpriced = (state: "none" | "unknown_usage" | "unknown_model", rule: string): Price => ({
    state,
    cost: 0n,
    estimatedCost: 0n,
    cacheSavings: 0n,
    source: state === "none" ? "" : list.source,
    version: state === "none" ? "" : list.version,
    rule: clip(rule),
  });
  const nothingToPrice = unpriced("none", "");
  const unknownUsage = unpriced("unknown_usage", "");

  function tariffOf({ prices, factorOf }: FoundPrices, discount: Discount | undefined): Tariff {
    const byTier = tariffs.get(prices) ?? new WeakMap();
    tariffs.set(prices, byTier);
    const byDiscount = byTier.get(factorOf) ?? new Map();
    byTier.set(factorOf, byDiscount);
    let tariff = byDiscount.get(discount);
    if (!tariff) {
      const less: Fraction = discount?.factor ?? one;
      tariff = createTariff(prices, (unit) => product(factorOf(unit), less));
      byDiscount.set(discount, tariff);
    }
    return tariff;
  }

  function find(call: PricedCall): { readonly alias: string; readonly found: FoundPrices | UnknownPrices } {
    const alias = rules.alias(call);
    const named = alias ? { ...call, ...alias.to } : call;
    const own = rules.price(named);
    return { alias: alias?.name ?? "", found: own?.found ?? list.find(named) };
  }

  function priceOf(call: PricedCall): Price {
    if (call.usageState === "none") return nothingToPrice;
    if (call.usageState === "unknown") return unknownUsage;
    const { alias, found } = find(call);
    if (found.kind === "unknown") return unpriced("unknown_model", found.rule);

    const discount = rules.discount(call);
    const tariff = tariffOf(found, discount);
    const usage = billedUsage(call);
    if (!tariff.covers(usage)) return unpriced("unknown_model", `${found.rule} has no price for this usage`);
    const { cost, cacheSavings, doubts, contextTier } = tariff.costOf(usage);
    if (cost >= unbelievable || -cacheSavings >= unbelievable || cacheSavings >= unbelievable) {
      return unpriced("unknown_model", `${found.rule} would cost more than any call can`);
    }
    const { source, version } = found;
    let { rule } = found;
    if (contextTier > 0) rule += `, over ${contextTier} input tokens`;
    if (alias !== "") rule += `, by alias ${alias}`;
    if (discount) rule += `, less ${discount.percent} % by ${discount.name}`;
    if (doubts.length > 0) rule += `, ${doubts.join(", ")}`;
    rule = clip(rule);
    return call.usageState === "exact" && doubts.length === 0
      ? { state: "priced", cost, estimatedCost: 0n, cacheSavings, source, version, rule }
      : { state: "estimated", cost: 0n, estimatedCost: cost, cacheSavings: 0n, source, version, rule };
  }

  return { priceOf, fingerprint: `${list.source}@${list.version};rules:${rules.fingerprint}` };
}
