import { createHash } from "node:crypto";
import { calcPrice, findProvider, type ModelInfo, type Provider, waitForUpdate } from "@pydantic/genai-prices";
import type { FoundPrices, ListPrices, UnknownPrices } from "./list-prices.ts";
import { modelNames } from "./model-names.ts";
import { activePrice } from "./price-conditions.ts";
import { isSelfHosted, priceProviderId } from "./provider-ids.ts";
import { serviceTiers, type TierPrice, tierPrice } from "./service-tiers.ts";
import type { PublishedPrices } from "./unit-price.ts";

/** The version of @pydantic/genai-prices in package.json; the package does not tell it at run time. */
export const genaiPricesVersion = "0.1.8";

/** SHA-256 of its data as JSON: what `npm run prices:refresh` reviewed. */
export const genaiPricesHash = "91a9f7d8b0186e09e8fb05d76b882c464970a6d5ee12cb33c96bea078a37eea2";

/** Distinct (provider, model) names remembered; beyond that the memory starts anew, as names come from outside. */
const memoLimit = 10_000;

interface Match {
  readonly provider: Provider;
  readonly model: ModelInfo;
  /** By the object that holds the published prices, then the tier. */
  readonly tiers: Map<object, Map<string, TieredMatch | undefined>>;
}

interface TieredMatch {
  readonly found: FoundPrices;
  /** Greater inputs have no price in this tier. */
  readonly greatestInput: number;
}

/**
 * Prices of the data that ships with @pydantic/genai-prices (its matching of providers and models, its history and times
 * of day), and what `service-tiers.ts` makes of them.
 */
export async function createGenaiList(): Promise<ListPrices> {
  const hash = createHash("sha256");
  const data = hash.update(JSON.stringify(await waitForUpdate())).digest("hex");
  const tiers = createHash("sha256").update(JSON.stringify(serviceTiers, withBigints)).digest("hex");
  const source = "genai-prices";
  const version = `${genaiPricesVersion}+sha256:${data.slice(0, 16)};tiers:${tiers.slice(0, 16)}`;
  const memo = new Map<string, Match | undefined>();

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

  function inTier(match: Match, serviceTier: string, at: number): TieredMatch | undefined {
    const { prices, condition } = activePrice(match.model, at);
    const byTier = match.tiers.get(prices) ?? new Map<string, TieredMatch | undefined>();
    match.tiers.set(prices, byTier);
    if (byTier.has(serviceTier)) return byTier.get(serviceTier);
    const tier = tierPrice(match.provider.id, match.model.id, serviceTier);
    const name = `${match.provider.id}/${match.model.id}${condition === "" ? "" : `@${condition}`}`;
    const tiered = tier && {
      found: {
        ...{ kind: "found" as const, source, version },
        prices: tier.prices ? { ...prices, ...tier.prices } : (prices as PublishedPrices),
        factorOf: tier.factorOf,
        rule: tier.name === "" ? name : `${name}, ${tier.name} tier`,
      },
      greatestInput: greatestInput(prices as PublishedPrices, tier),
    };
    byTier.set(serviceTier, tiered);
    return tiered;
  }

  return {
    source,
    version,
    find({ provider, requestModel, responseModel, serviceTier, usage, endTime }): FoundPrices | UnknownPrices {
      const match = matchOf(provider, responseModel) ?? matchOf(provider, requestModel);
      if (!match) return { kind: "unknown", rule: "" };
      const tiered = inTier(match, serviceTier, Number(endTime / 1_000_000n));
      if (!tiered) return { kind: "unknown", rule: `service tier ${serviceTier}` };
      if (usage.inputTokens > tiered.greatestInput) {
        return { kind: "unknown", rule: `service tier ${serviceTier} above ${tiered.greatestInput} input tokens` };
      }
      return tiered.found;
    },
  };
}

/** A provider that the data knows is matched within it; of any other only the name of the model can tell. */
function find(provider: string, model: string): Match | undefined {
  if (isSelfHosted(provider)) return undefined;
  for (const name of modelNames(priceProviderId(provider), model)) {
    const providerId = name.provider;
    const known = providerId !== "" && findProvider({ providerId }) !== undefined;
    const found = calcPrice({}, name.model, known ? { providerId } : {});
    if (found) return { provider: found.provider, model: found.model, tiers: new Map() };
  }
  return undefined;
}

/** A tier with prices of its own publishes none for long contexts. */
function greatestInput(list: PublishedPrices, { prices }: TierPrice): number {
  const starts = Object.values(list).flatMap((price) =>
    typeof price === "object" ? price.tiers.map(({ start }) => start) : [],
  );
  return prices && starts.length > 0 ? Math.min(...starts) : Number.POSITIVE_INFINITY;
}

function withBigints(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
