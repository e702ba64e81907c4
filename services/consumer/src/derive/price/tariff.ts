import {
  type BilledUsage,
  type BillingUnit,
  billingUnits,
  isPartOf,
  isUnitName,
  overlapOf,
} from "@spanhouse/schemas/billing-units";
import { costOf, type Fraction, type PublishedPrices, product, unitPrice } from "./unit-price.ts";

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
  covers(usage: BilledUsage): boolean;
  costOf(usage: BilledUsage): TariffCost;
}

interface PricedUnit {
  readonly unit: BillingUnit;
  readonly base: Fraction;
  /** By rising threshold of input tokens. */
  readonly tiers: readonly { readonly start: number; readonly price: Fraction }[];
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
export function createTariff(prices: PublishedPrices, factorOf: (unit: BillingUnit) => Fraction): Tariff {
  const units = pricedUnits(prices, factorOf);
  const overlaps = overlapsOf(units);
  const covered = countedUnits.filter((unit) =>
    units.some((priced) => priced.unit === unit || isPartOf(unit, priced.unit)),
  );
  const uncovered = countedUnits.filter((unit) => !covered.includes(unit));

  function charge(usage: BilledUsage, doubts: string[] | undefined): { cost: bigint; contextTier: number } {
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

  function doubtsOf(usage: BilledUsage): string[] {
    const doubts: string[] = [];
    for (const unit of uncovered) {
      if (unit.quantity(usage) > 0) doubts.push(`without ${unit.name}`);
    }
    for (const name of unknownUnits(usage)) doubts.push(`without ${name}`);
    for (const { a, b, joint } of overlaps) {
      if (a.quantity(usage) > 0 && b.quantity(usage) > 0 && usage.units[joint.name] === undefined) {
        doubts.push(`${joint.name} not told`);
      }
    }
    return doubts;
  }

  return {
    covers: (usage) =>
      covered.some((unit) => unit.quantity(usage) > 0) ||
      !(uncovered.some((unit) => unit.quantity(usage) > 0) || unknownUnits(usage).length > 0),

    costOf(usage) {
      const doubts = doubtsOf(usage);
      const { cost, contextTier } = charge(usage, doubts);
      const cached = usage.cacheReadTokens > 0 || usage.cacheWriteTokens > 0;
      const cacheSavings = cached ? charge(withoutCache(usage), undefined).cost - cost : 0n;
      return { cost, cacheSavings, doubts, contextTier };
    },
  };
}

/** Units that a usage counts; a request is one, and its time passes, whatever it used. */
const countedUnits = billingUnits.filter(({ counted }) => counted !== false);

function pricedUnits(prices: PublishedPrices, factorOf: (unit: BillingUnit) => Fraction): readonly PricedUnit[] {
  const units = billingUnits
    .filter((unit) => prices[unit.priceKey] !== undefined)
    .sort((a, b) => Object.keys(b.dimensions).length - Object.keys(a.dimensions).length);
  return units.map((unit) => {
    const published = prices[unit.priceKey]!;
    const { base, tiers } = typeof published === "object" ? published : { base: published, tiers: [] };
    const factor = factorOf(unit);
    return {
      unit,
      base: product(unitPrice(base, unit.per), factor),
      tiers: tiers
        .map(({ start, price }) => ({ start, price: product(unitPrice(price, unit.per), factor) }))
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

/** What a dialect counted and no price can be for, as the catalogue does not have it. */
function unknownUnits({ units }: BilledUsage): readonly string[] {
  return Object.keys(units).filter((name) => units[name]! > 0 && !isUnitName(name));
}

/** The same call had nothing been cached: all input at the plain price. */
function withoutCache(usage: BilledUsage): BilledUsage {
  const units = Object.fromEntries(Object.entries(usage.units).filter(([name]) => !name.startsWith("cache_")));
  return { ...usage, cacheReadTokens: 0, cacheWriteTokens: 0, units };
}
