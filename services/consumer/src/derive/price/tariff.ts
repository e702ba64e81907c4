import type { ModelPrice } from "@pydantic/genai-prices";
import type { Usage } from "@spanhouse/schemas/span";
import { type BillingUnit, billingUnits, isPartOf, overlapOf } from "./billing-units.ts";
import { costOf, type UnitPrice, unitPrice } from "./unit-price.ts";

/** What a usage costs by one tariff. Amounts in pico-dollars. */
export interface TariffCost {
  readonly cost: bigint;
  /** What the cached input would have cost more as plain input. */
  readonly cacheSavings: bigint;
  /** Quantities that the tariff could not price exactly; empty where the cost is exact. */
  readonly doubts: readonly string[];
  /** The threshold of input tokens above which a context price was applied; 0 when none was. */
  readonly contextTier: number;
}

/** A model's published prices, ready to be multiplied by usage. */
export interface Tariff {
  /** Whether anything that this usage has is priced at all. */
  covers(usage: Usage): boolean;
  costOf(usage: Usage): TariffCost;
}

interface PricedUnit {
  readonly unit: BillingUnit;
  readonly base: UnitPrice;
  /** By rising threshold of input tokens. */
  readonly tiers: readonly { readonly start: number; readonly price: UnitPrice }[];
  /** Indexes of the priced units that are parts of this one; each was counted before. */
  readonly parts: readonly number[];
}

/** Two priced units that have a third in common, such as audio and cached input. */
interface Overlap {
  readonly a: BillingUnit;
  readonly b: BillingUnit;
  readonly joint: BillingUnit;
}

/**
 * Each token is priced once, by the most specific unit that has a price: a unit is charged for its quantity less what
 * its priced parts were charged for. A context tier holds for the whole call once its input passes the threshold.
 */
export function createTariff(prices: ModelPrice): Tariff {
  const units = pricedUnits(prices);
  const overlaps = overlapsOf(units);
  const covered = countedUnits.filter((unit) =>
    units.some((priced) => priced.unit === unit || isPartOf(unit, priced.unit)),
  );
  const uncovered = countedUnits.filter((unit) => !covered.includes(unit));

  function charge(usage: Usage, doubts: string[] | undefined): { cost: bigint; contextTier: number } {
    let cost = 0n;
    let contextTier = 0;
    const charged: number[] = [];
    for (const { unit, base, tiers, parts } of units) {
      let quantity = unit.quantity(usage);
      for (const part of parts) quantity -= charged[part]!;
      if (quantity < 0) {
        doubts?.push(`parts of ${unit.name} beyond it`);
        quantity = 0;
      }
      charged.push(quantity);
      if (quantity === 0) continue;
      let price = base;
      for (const tier of tiers) {
        if (usage.inputTokens <= tier.start) break;
        price = tier.price;
        contextTier = tier.start;
      }
      cost += costOf(price, quantity);
    }
    return { cost, contextTier };
  }

  function doubtsOf(usage: Usage): string[] {
    const doubts: string[] = [];
    for (const unit of uncovered) {
      if (unit.quantity(usage) > 0) doubts.push(`without ${unit.name}`);
    }
    for (const { a, b, joint } of overlaps) {
      if (a.quantity(usage) > 0 && b.quantity(usage) > 0 && usage.units[joint.name] === undefined) {
        doubts.push(`${joint.name} not told`);
      }
    }
    return doubts;
  }

  return {
    covers: (usage) =>
      covered.some((unit) => unit.quantity(usage) > 0) || !uncovered.some((unit) => unit.quantity(usage) > 0),

    costOf(usage) {
      const doubts = doubtsOf(usage);
      const { cost, contextTier } = charge(usage, doubts);
      const cached = usage.cacheReadTokens > 0 || usage.cacheWriteTokens > 0;
      const cacheSavings = cached ? charge(withoutCache(usage), undefined).cost - cost : 0n;
      return { cost, cacheSavings, doubts, contextTier };
    },
  };
}

/** Units that a usage counts; a request is one whatever it used. */
const countedUnits = billingUnits.filter(({ name }) => name !== "requests");

function pricedUnits(prices: ModelPrice): readonly PricedUnit[] {
  const units = billingUnits
    .filter((unit) => prices[unit.priceKey] !== undefined)
    .sort((a, b) => Object.keys(b.dimensions).length - Object.keys(a.dimensions).length);
  return units.map((unit) => {
    const published = prices[unit.priceKey]!;
    const base = typeof published === "number" ? published : published.base;
    const tiers = typeof published === "number" ? [] : published.tiers;
    return {
      unit,
      base: unitPrice(base, unit.per),
      tiers: tiers
        .map(({ start, price }) => ({ start, price: unitPrice(price, unit.per) }))
        .sort((a, b) => a.start - b.start),
      parts: units.flatMap((part, index) => (isPartOf(part, unit) ? [index] : [])),
    };
  });
}

function overlapsOf(priced: readonly PricedUnit[]): readonly Overlap[] {
  const units = priced.map(({ unit }) => unit);
  return units.flatMap((a, index) =>
    units.slice(index + 1).flatMap((b) => {
      const joint = overlapOf(a, b);
      return joint === undefined || joint === a || joint === b ? [] : [{ a, b, joint }];
    }),
  );
}

/** The same call had nothing been cached: all input at the plain price. */
function withoutCache(usage: Usage): Usage {
  const units = Object.fromEntries(Object.entries(usage.units).filter(([name]) => !name.startsWith("cache_")));
  return { ...usage, cacheReadTokens: 0, cacheWriteTokens: 0, units };
}
