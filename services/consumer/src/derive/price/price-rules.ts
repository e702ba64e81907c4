import { createHash } from "node:crypto";
import { type PriceRuleContent, parsePriceRule } from "@spanhouse/schemas/rules/price-rule";
import type { StoredRule } from "@spanhouse/store/rule-history";
import { dated, globbed, isInForce, type Period } from "../rule-conditions.ts";
import type { FoundPrices } from "./list-prices.ts";
import type { PricedCall } from "./priced-call.ts";
import { type Fraction, lessPercent, one, type PublishedPrices } from "./unit-price.ts";

/** A rule as calls are held against it. */
interface Rule {
  /** `NAME@v2`. */
  readonly name: string;
  readonly project: string;
  readonly period: Period;
  readonly holds: (call: PricedCall) => boolean;
  /** Which of several that hold counts: the greatest, compared from the left. */
  readonly weight: readonly number[];
}

interface PriceOverride extends Rule {
  readonly found: FoundPrices;
}

export interface Discount extends Rule {
  readonly percent: string;
  readonly factor: Fraction;
}

interface Alias extends Rule {
  readonly to: { readonly requestModel: string; readonly responseModel: string; readonly provider?: string };
}

/** Of each kind the most telling rule that holds for a call at its end. */
export interface PriceRules {
  price(call: PricedCall): PriceOverride | undefined;
  discount(call: PricedCall): Discount | undefined;
  alias(call: PricedCall): Alias | undefined;
  /** Differs whenever some rule does that prices depend on. */
  readonly fingerprint: string;
}

/**
 * The stored rules, compiled. A rule of the project goes before one of all projects; then one that names the credential,
 * the tier, the region, the model (in full before a pattern, a longer pattern before a shorter), the provider; then the
 * one that began later.
 * Throws CONFIG for a rule that this version does not understand: to price without it would be to price wrong.
 */
export function createPriceRules(stored: readonly StoredRule[]): PriceRules {
  const prices: PriceOverride[] = [];
  const discounts: Discount[] = [];
  const aliases: Alias[] = [];
  const state: string[] = [];
  for (const rule of stored) {
    const content = parsePriceRule(rule.name, JSON.parse(rule.rule));
    // It says what was promised, not what a call costs.
    if (content.kind === "commitment") continue;
    state.push(JSON.stringify([rule.project, rule.name, rule.version, rule.rule]));
    const common = ruleOf(rule, content);
    if (content.kind === "price") prices.push({ ...common, found: pricesOf(rule, content.prices) });
    if (content.kind === "discount") {
      discounts.push({ ...common, percent: content.percent, factor: lessPercent(content.percent) });
    }
    if (content.kind === "alias") {
      const { model, provider } = content;
      const to = { requestModel: model, responseModel: "", ...(provider === undefined ? {} : { provider }) };
      aliases.push({ ...common, to });
    }
  }
  return {
    price: finder(prices),
    discount: finder(discounts),
    alias: finder(aliases),
    fingerprint: createHash("sha256").update(state.sort().join("\n")).digest("hex").slice(0, 16),
  };
}

function finder<Kind extends Rule>(rules: readonly Kind[]): (call: PricedCall) => Kind | undefined {
  const sorted = [...rules].sort(heavierFirst);
  return (call) =>
    sorted.find(
      ({ project, period, holds }) =>
        (project === "" || project === call.project) && isInForce(period, call.endTime) && holds(call),
    );
}

function ruleOf(
  { name, version, project }: StoredRule,
  content: Exclude<PriceRuleContent, { kind: "commitment" }>,
): Rule {
  const { match } = content;
  const provider = globbed(match.provider);
  const model = globbed(match.model);
  const credential = globbed(match.credential);
  const serviceTier = globbed(match.service_tier);
  const region = globbed(match.region);
  return {
    ...{ name: `${name}@v${version}`, project, period: dated(content) },
    holds: (call) =>
      provider(call.provider) &&
      (model(call.responseModel) || model(call.requestModel)) &&
      credential(call.credential) &&
      serviceTier(call.serviceTier) &&
      region(call.region),
    weight: [
      Number(project !== ""),
      ...[match.credential, match.service_tier, match.region, match.model, match.provider].map(telling),
    ],
  };
}

function pricesOf({ name, version }: StoredRule, prices: PublishedPrices): FoundPrices {
  return { ...{ kind: "found", source: "override", version: `v${version}`, rule: name }, prices, factorOf: () => one };
}

/** 0: not named. A name in full is more than any pattern, a longer pattern more than a shorter. */
function telling(pattern: string | undefined): number {
  if (pattern === undefined) return 0;
  return pattern.includes("*") ? pattern.length : 1000 + pattern.length;
}

function heavierFirst(a: Rule, b: Rule): number {
  for (const [i, weight] of a.weight.entries()) if (weight !== b.weight[i]) return b.weight[i]! - weight;
  if (a.period.from !== b.period.from) return a.period.from < b.period.from ? 1 : -1;
  return a.name < b.name ? 1 : -1;
}
