import type { BillingUnit } from "@spanhouse/schemas/billing-units";
import { type Fraction, fraction, one, type PublishedPrices, product } from "./unit-price.ts";

/**
 * What providers publish for service tiers beside their list prices, which @pydantic/genai-prices does not have. Only
 * what a provider says itself; where it gives a range or only sells by contract, nothing stands here and such a call has
 * no known price. Reviewed by hand: a change here changes the fingerprint of the prices, as it should.
 */
export interface ServiceTier {
  /** Id of @pydantic/genai-prices. */
  readonly provider: string;
  /** As `service_tier` and the dialects spell it, in lower case. */
  readonly names: readonly string[];
  /** Only models of the data whose id begins so. */
  readonly family?: string;
  /** Models of the data by id; all where absent. */
  readonly models?: Readonly<Record<string, PublishedPrices>>;
  /** Of the list price of tokens. */
  readonly factor?: Fraction;
  /** Cached input keeps its own price: the two discounts do not add up. */
  readonly exceptCacheRead?: true;
  readonly source: string;
  /** When the source was last read. */
  readonly read: string;
}

/** Tiers at the list price, with every provider. */
const listPriceTiers: ReadonlySet<string> = new Set(["", "default", "standard", "standard_only", "auto", "on_demand"]);

const half = fraction(1n, 2n);

const priority = (input: string, cached: string, output: string): PublishedPrices => ({
  input_mtok: input,
  cache_read_mtok: cached,
  output_mtok: output,
});

export const serviceTiers: readonly ServiceTier[] = [
  {
    provider: "openai",
    names: ["batch"],
    factor: half,
    source: "https://developers.openai.com/api/docs/guides/batch",
    read: "2026-11-23",
  },
  {
    provider: "openai",
    names: ["flex"],
    factor: half,
    source: "https://developers.openai.com/api/docs/guides/flex-processing",
    read: "2026-11-23",
  },
  {
    provider: "openai",
    names: ["priority"],
    models: {
      "gpt-5.5": priority("12.50", "1.250", "75.00"),
      "gpt-5.4": priority("5.00", "0.500", "30.00"),
      "gpt-5.4-mini": priority("1.50", "0.150", "9.00"),
      "gpt-5.2": priority("3.50", "0.350", "28.00"),
      "gpt-5.1": priority("2.50", "0.250", "20.00"),
      "gpt-5": priority("2.50", "0.250", "20.00"),
      "gpt-5-mini": priority("0.45", "0.045", "3.60"),
      "gpt-4.1": priority("3.50", "0.875", "14.00"),
      "gpt-4.1-mini": priority("0.70", "0.175", "2.80"),
      "gpt-4.1-nano": priority("0.20", "0.050", "0.80"),
      "gpt-4o": priority("4.25", "2.125", "17.00"),
    },
    source: "https://openai.com/api-priority-processing/",
    read: "2026-11-23",
  },
  {
    provider: "anthropic",
    names: ["batch"],
    factor: half,
    source: "https://platform.claude.com/docs/en/build-with-claude/batch-processing",
    read: "2026-11-23",
  },
  {
    // `inference_geo`, which only models take that are paid for so.
    provider: "anthropic",
    names: ["us"],
    factor: fraction(11n, 10n),
    source: "https://platform.claude.com/docs/en/manage-claude/data-residency",
    read: "2026-11-23",
  },
  {
    provider: "google",
    family: "gemini",
    names: ["batch"],
    factor: half,
    exceptCacheRead: true,
    source: "https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/batch-prediction-gemini",
    read: "2026-11-23",
  },
  {
    provider: "google",
    family: "gemini",
    names: ["flex"],
    factor: half,
    exceptCacheRead: true,
    source: "https://ai.google.dev/gemini-api/docs/optimization",
    read: "2026-11-23",
  },
  {
    provider: "groq",
    names: ["flex"],
    factor: one,
    source: "https://console.groq.com/docs/flex-processing",
    read: "2026-11-23",
  },
];

export interface TierPrice {
  /** Instead of the list's prices of the same keys. */
  readonly prices: PublishedPrices | undefined;
  readonly factorOf: (unit: BillingUnit) => Fraction;
  /** Empty: the list price. */
  readonly name: string;
}

const listPrice: TierPrice = { prices: undefined, factorOf: () => one, name: "" };

/**
 * What a tier makes of a model's list price; undefined where nobody has published that. Of a tier of several parts
 * (`batch+us`) every one counts.
 */
export function tierPrice(provider: string, model: string, serviceTier: string): TierPrice | undefined {
  let price = listPrice;
  for (const name of serviceTier.toLowerCase().split("+")) {
    if (listPriceTiers.has(name)) continue;
    const part = partPrice(provider, model, name);
    if (!part) return undefined;
    price = price === listPrice ? part : together(price, part);
  }
  return price;
}

function partPrice(provider: string, model: string, name: string): TierPrice | undefined {
  const tier = serviceTiers.find(
    (each) => each.provider === provider && each.names.includes(name) && model.startsWith(each.family ?? ""),
  );
  const prices = tier?.models?.[model];
  if (!tier || (tier.models && !prices)) return undefined;
  const factor = tier.factor ?? one;
  // Searches, containers and the like are paid by the piece in every tier.
  const factorOf = ({ dimensions }: BillingUnit) =>
    dimensions.family !== "tokens" || (tier.exceptCacheRead && dimensions.tokenType === "cache_read") ? one : factor;
  return { prices, factorOf, name };
}

function together(a: TierPrice, b: TierPrice): TierPrice {
  return {
    prices: a.prices || b.prices ? { ...a.prices, ...b.prices } : undefined,
    factorOf: (unit) => product(a.factorOf(unit), b.factorOf(unit)),
    name: `${a.name}+${b.name}`,
  };
}
