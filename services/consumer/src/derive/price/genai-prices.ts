import { createHash } from "node:crypto";
import { calcPrice, findProvider, type ModelInfo, type Provider, waitForUpdate } from "@pydantic/genai-prices";
import type { Price } from "@spanhouse/schemas/span";
import { clip } from "../short-text.ts";
import type { PriceBook, PricedCall } from "./price-book.ts";
import { activePrice } from "./price-conditions.ts";
import { isSelfHosted, priceProviderId } from "./provider-ids.ts";
import { createTariff, type Tariff } from "./tariff.ts";

const source = "genai-prices";

/** The version of @pydantic/genai-prices in package.json; the package does not tell it at run time. */
export const genaiPricesVersion = "0.1.8";

/** Tiers at the list price. All others (batch, flex, priority, …) have multipliers that the data does not know. */
const listPriceTiers: ReadonlySet<string> = new Set(["", "default", "standard", "standard_only", "auto", "on_demand"]);

/** $1,000,000: no call costs so much, and no column of a span holds more. Such a usage cannot be true. */
const unbelievable = 10n ** 18n;

/** Distinct (provider, model) names remembered; beyond that the memory starts anew, as names come from outside. */
const memoLimit = 10_000;

interface Match {
  readonly name: string;
  readonly model: ModelInfo;
  /** By the object that holds the published prices. */
  readonly tariffs: Map<object, Tariff>;
}

/**
 * Prices of the data that ships with @pydantic/genai-prices: its matching of providers and models, its history and
 * times of day; the arithmetic is ours, in integers.
 */
export async function createGenaiPrices(): Promise<PriceBook> {
  const data = await waitForUpdate();
  const hash = createHash("sha256").update(JSON.stringify(data)).digest("hex");
  const version = `${genaiPricesVersion}+sha256:${hash.slice(0, 16)}`;
  const memo = new Map<string, Match | undefined>();

  const unpriced = (state: "none" | "unknown_usage" | "unknown_model", rule: string): Price => ({
    state,
    cost: 0n,
    estimatedCost: 0n,
    cacheSavings: 0n,
    source: state === "none" ? "" : source,
    version: state === "none" ? "" : version,
    rule,
  });
  const nothingToPrice = unpriced("none", "");
  const unknownUsage = unpriced("unknown_usage", "");

  function matchOf(provider: string, model: string): Match | undefined {
    if (model === "") return undefined;
    const key = `${provider}\n${model}`;
    const known = memo.get(key);
    if (known !== undefined || memo.has(key)) return known;
    if (memo.size >= memoLimit) memo.clear();
    const match = find(provider, model);
    memo.set(key, match);
    return match;
  }

  function priceOf(call: PricedCall): Price {
    if (call.usageState === "none") return nothingToPrice;
    if (call.usageState === "unknown") return unknownUsage;
    if (!listPriceTiers.has(call.serviceTier))
      return unpriced("unknown_model", clip(`service tier ${call.serviceTier}`));

    const match = matchOf(call.provider, call.responseModel) ?? matchOf(call.provider, call.requestModel);
    if (!match) return unpriced("unknown_model", "");

    const { prices, condition } = activePrice(match.model, Number(call.endTime / 1_000_000n));
    const tariff = tariffOf(match, prices);
    const name = condition === "" ? match.name : `${match.name}@${condition}`;
    if (!tariff.covers(call.usage)) return unpriced("unknown_model", `${name} has no price for this usage`);

    const { cost, cacheSavings, doubts, contextTier } = tariff.costOf(call.usage);
    if (cost >= unbelievable || -cacheSavings >= unbelievable || cacheSavings >= unbelievable) {
      return unpriced("unknown_model", `${name} would cost more than any call can`);
    }
    const rule = [name, ...(contextTier > 0 ? [`over ${contextTier} input tokens`] : []), ...doubts].join(", ");
    const exact = call.usageState === "exact" && doubts.length === 0;
    return exact
      ? { state: "priced", cost, estimatedCost: 0n, cacheSavings, source, version, rule }
      : { state: "estimated", cost: 0n, estimatedCost: cost, cacheSavings: 0n, source, version, rule };
  }

  return { priceOf, fingerprint: `${source}@${version}` };
}

/** A provider that the data knows is matched within it; of any other only the name of the model can tell. */
function find(provider: string, model: string): Match | undefined {
  if (isSelfHosted(provider)) return undefined;
  const providerId = priceProviderId(provider);
  const known = providerId !== "" && findProvider({ providerId }) !== undefined;
  const found = calcPrice({}, model, known ? { providerId } : {});
  return found ? { name: ruleName(found.provider, found.model), model: found.model, tariffs: new Map() } : undefined;
}

function ruleName(provider: Provider, model: ModelInfo): string {
  return `${provider.id}/${model.id}`;
}

function tariffOf(match: Match, prices: ReturnType<typeof activePrice>["prices"]): Tariff {
  let tariff = match.tariffs.get(prices);
  if (!tariff) {
    tariff = createTariff(prices);
    match.tariffs.set(prices, tariff);
  }
  return tariff;
}
