import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { calcPrice, type ModelInfo, type Usage as PackageUsage, waitForUpdate } from "@pydantic/genai-prices";
import { billingUnits } from "@spanhouse/schemas/billing-units";
import type { Usage } from "@spanhouse/schemas/span";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { genaiPricesHash, genaiPricesVersion } from "../../src/derive/price/genai-list.ts";
import { createGenaiPrices } from "../../src/derive/price/genai-prices.ts";
import type { PricedCall } from "../../src/derive/price/priced-call.ts";
import { noUsage } from "../../src/derive/usage.ts";

const prices = await createGenaiPrices();
const providers = (await waitForUpdate()) ?? [];

const march = BigInt(Date.UTC(2026, 2, 3)) * 1_000_000n;

function call(over: Partial<PricedCall>): PricedCall {
  return {
    project: "shop",
    provider: "openai",
    requestModel: "gpt-4o",
    responseModel: "",
    serviceTier: "",
    usageState: "exact",
    usage: noUsage,
    region: "",
    credential: "",
    startTime: march,
    endTime: march,
    ...over,
  };
}

function tokens(over: Partial<Usage>): Usage {
  return { ...noUsage, ...over };
}

describe("prices computed by hand", () => {
  const millions = 1_000_000n;

  it("splits cached from uncached input", () => {
    const price = prices.priceOf(
      call({ usage: tokens({ inputTokens: 1_000, cacheReadTokens: 400, outputTokens: 200 }) }),
    );
    // $2.50, $1.25 and $10 a million: 600 × 2.5 + 400 × 1.25 + 200 × 10 = 4,000 micro-dollars.
    expect(price).toMatchObject({ state: "priced", cost: 4_000n * millions, rule: "openai/gpt-4o" });
    // 400 × (2.5 − 1.25) = 500 micro-dollars.
    expect(price.cacheSavings).toBe(500n * millions);
  });

  it("prices one-hour cache writes and searches apart", () => {
    const usage = tokens({
      inputTokens: 11_120,
      cacheReadTokens: 8_000,
      cacheWriteTokens: 3_000,
      outputTokens: 350,
      units: { cache_write_1h_tokens: 2_000, web_searches: 2 },
    });
    const price = prices.priceOf(call({ provider: "anthropic", requestModel: "claude-sonnet-4-5", usage }));
    // 120 × 3 + 2,000 × 6 + 1,000 × 3.75 + 8,000 × 0.3 + 350 × 15 + 2 × 10,000 micro-dollars.
    expect(price.cost).toBe(43_760n * millions);
  });

  it("takes the context price for the whole call above the threshold only", () => {
    const at = (inputTokens: number) =>
      prices.priceOf(call({ provider: "anthropic", requestModel: "claude-sonnet-4-5", usage: tokens({ inputTokens }) }))
        .cost;
    expect(at(200_000)).toBe(200_000n * 3n * millions);
    expect(at(200_001)).toBe(200_001n * 6n * millions);
  });

  it("takes the price of the day", () => {
    const usage = tokens({ inputTokens: 300_000 });
    const on = (endTime: bigint) =>
      prices.priceOf(call({ provider: "anthropic", requestModel: "claude-opus-4-6", usage, endTime }));
    expect(on(march)).toMatchObject({ cost: 300_000n * 10n * millions });
    const later = BigInt(Date.UTC(2026, 2, 13)) * 1_000_000n;
    expect(on(later)).toMatchObject({
      cost: 300_000n * 5n * millions,
      rule: "anthropic/claude-opus-4-6@2026-03-13",
    });
    expect(on(later - 1_000_000n).cost).toBe(300_000n * 10n * millions);
  });

  it("takes the price of the hour", () => {
    const at = (hour: number) =>
      prices.priceOf(
        call({
          provider: "deepseek",
          requestModel: "deepseek-chat",
          usage: tokens({ inputTokens: 1_000 }),
          endTime: BigInt(Date.UTC(2025, 2, 3, hour)) * 1_000_000n,
        }),
      ).cost;
    expect(at(12)).toBe(270n * millions);
    expect(at(18)).toBe(135n * millions);
  });

  it("rounds each component half to even where a price is no whole pico-dollar a token", () => {
    const price = prices.priceOf(
      call({
        provider: "openrouter",
        requestModel: "google/gemini-2.5-flash-lite",
        usage: tokens({ inputTokens: 3, cacheWriteTokens: 3 }),
      }),
    );
    // 3 × 83,333.33333334 pico-dollars = 250,000.00000002.
    expect(price.cost).toBe(250_000n);
  });
});

describe("states", () => {
  const usage = tokens({ inputTokens: 10, outputTokens: 2 });

  it.each<[string, Partial<PricedCall>, string, string]>([
    ["no call", { usageState: "none" }, "none", ""],
    ["unknown usage", { usageState: "unknown", usage }, "unknown_usage", ""],
    ["unknown model", { requestModel: "frontier-99", usage }, "unknown_model", ""],
    ["no model", { requestModel: "", usage }, "unknown_model", ""],
    ["a server of one's own", { provider: "ollama", requestModel: "deepseek-chat", usage }, "unknown_model", ""],
    ["a tier that nobody publishes", { serviceTier: "scale", usage }, "unknown_model", "service tier scale"],
  ])("%s has no price", (_name, over, state, rule) => {
    expect(prices.priceOf(call(over))).toMatchObject({ state, cost: 0n, estimatedCost: 0n, rule });
  });

  it("keeps an estimate out of the exact column", () => {
    const price = prices.priceOf(call({ usageState: "estimated", usage }));
    expect(price).toMatchObject({ state: "estimated", cost: 0n, estimatedCost: 45_000_000n, cacheSavings: 0n });
  });

  it("estimates where some quantity has no price", () => {
    const price = prices.priceOf(
      call({ requestModel: "text-embedding-3-small", usage: tokens({ inputTokens: 10, units: { web_searches: 1 } }) }),
    );
    expect(price).toMatchObject({ state: "estimated", estimatedCost: 200_000n });
    expect(price.rule).toContain("without web_searches");
  });

  it("prices the model that answered, else the one that was asked", () => {
    const price = (over: Partial<PricedCall>) => prices.priceOf(call({ usage, ...over })).rule;
    expect(price({ requestModel: "gpt-4o", responseModel: "gpt-4o-mini-2024-07-18" })).toBe("openai/gpt-4o-mini");
    expect(price({ requestModel: "gpt-4o", responseModel: "my-deployment" })).toBe("openai/gpt-4o");
  });

  it.each([
    ["aws.bedrock", "us.anthropic.claude-3-5-sonnet-20241022-v2:0", /^aws\//],
    ["azure.ai.openai", "gpt-4o", /^(azure|openai)\//],
    ["gcp.gemini", "gemini-2.5-flash", /^google\//],
    ["gcp.vertex_ai", "gemini-2.5-flash", /^google\//],
    ["mistral_ai", "mistral-large-latest", /^mistral\//],
    ["x_ai", "grok-4", /^x-ai\//],
    ["OpenAI", "gpt-4o", /^openai\//],
    ["in-house-gateway", "claude-sonnet-4-5", /^anthropic\//],
  ])("finds %s", (provider, requestModel, rule) => {
    expect(prices.priceOf(call({ provider, requestModel, usage }))).toMatchObject({
      state: "priced",
      rule: expect.stringMatching(rule),
    });
  });
});

describe("the data", () => {
  it("is of the version that is named", () => {
    const entry = createRequire(import.meta.url).resolve("@pydantic/genai-prices");
    const manifest = JSON.parse(readFileSync(join(entry, "../../package.json"), "utf8"));
    expect(manifest.version).toBe(genaiPricesVersion);
    expect(createHash("sha256").update(JSON.stringify(providers)).digest("hex")).toBe(genaiPricesHash);
    expect(prices.fingerprint).toContain(`genai-prices@${genaiPricesVersion}+sha256:${genaiPricesHash.slice(0, 16)};`);
  });

  it("has no price for a unit that is not known", () => {
    const published = new Set(
      providers.flatMap(({ models }) => models.flatMap((model) => tariffsOf(model).flatMap(Object.keys))),
    );
    const known = new Set(billingUnits.map(({ priceKey }) => priceKey));
    expect([...published].filter((priceKey) => !known.has(priceKey))).toEqual([]);
  });

  it("is priced as the package prices it, to 1e-9", () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const models = providers.flatMap((provider) => provider.models.map((model) => [provider.id, model.id] as const));
    const count = fc.oneof(fc.nat(1_000), fc.nat(1_000_000));
    let priced = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        fc.record({ fresh: count, read: count, write5m: count, write1h: count, output: count, searches: fc.nat(3) }),
        fc.date({ min: new Date("2024-01-01"), max: new Date("2027-01-01"), noInvalidDate: true }),
        ([providerId, model], amounts, timestamp) => {
          const theirs = calcPrice(packageUsage(amounts), model, { providerId, timestamp });
          const ours = prices.priceOf(
            call({
              provider: providerId,
              requestModel: model,
              usage: ourUsage(amounts),
              endTime: BigInt(timestamp.getTime()) * 1_000_000n,
            }),
          );
          if (theirs === null) return ours.state === "unknown_model";
          if (ours.state === "unknown_model") return theirs.total_price === 0;
          if (ours.state === "priced") priced++;
          const dollars = Number(ours.cost + ours.estimatedCost) / 1e12;
          return Math.abs(dollars - theirs.total_price) <= 1e-9 * theirs.total_price + 1e-11;
        },
      ),
      { numRuns: 4_000 },
    );
    expect(priced).toBeGreaterThan(400);
  });
});

interface Amounts {
  readonly fresh: number;
  readonly read: number;
  readonly write5m: number;
  readonly write1h: number;
  readonly output: number;
  readonly searches: number;
}

function packageUsage({ fresh, read, write5m, write1h, output, searches }: Amounts): PackageUsage {
  return {
    input_tokens: fresh + read + write5m + write1h,
    cache_read_tokens: read,
    cache_write_tokens: write5m + write1h,
    cache_write_1h_tokens: write1h,
    output_tokens: output,
    output_reasoning_tokens: 0,
    web_searches: searches,
  };
}

function ourUsage({ fresh, read, write5m, write1h, output, searches }: Amounts): Usage {
  return tokens({
    inputTokens: fresh + read + write5m + write1h,
    cacheReadTokens: read,
    cacheWriteTokens: write5m + write1h,
    outputTokens: output,
    units: {
      ...(write1h > 0 ? { cache_write_1h_tokens: write1h } : {}),
      ...(searches > 0 ? { web_searches: searches } : {}),
    },
  });
}

function tariffsOf(model: ModelInfo): readonly object[] {
  return Array.isArray(model.prices) ? model.prices.map(({ prices }) => prices) : [model.prices];
}
