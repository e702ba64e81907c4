import { parsePriceRule } from "@spanhouse/schemas/rules/price-rule";
import { describe, expect, it } from "vitest";
import { createGenaiList } from "../../src/derive/price/genai-list.ts";
import { createPriceBook } from "../../src/derive/price/price-book.ts";
import { createPriceRules } from "../../src/derive/price/price-rules.ts";
import type { PricedCall } from "../../src/derive/price/priced-call.ts";
import { noUsage } from "../../src/derive/usage.ts";

const list = await createGenaiList();
const millions = 1_000_000n;
const at = (text: string) => BigInt(Date.parse(text)) * millions;
const usage = { ...noUsage, inputTokens: 1_000, outputTokens: 100 };
const tiered = (inputTokens: number) => ({ usage: { ...noUsage, inputTokens } });

function call(over: Partial<PricedCall> = {}): PricedCall {
  return {
    ...{ project: "shop", provider: "openai", requestModel: "gpt-4o", responseModel: "", serviceTier: "" },
    ...{ region: "", credential: "", usageState: "exact", usage },
    ...{ startTime: at("2026-06-01T00:00:00Z"), endTime: at("2026-06-01T00:00:02Z"), ...over },
  };
}

/** `name` or `project/name` → rule. */
function rules(content: Readonly<Record<string, unknown>>) {
  return createPriceRules(
    Object.entries(content).map(([key, rule]) => {
      const [project, name] = key.includes("/") ? (key.split("/") as [string, string]) : ["", key];
      const audit = { changedBy: "me", reason: "test", changedAt: "" };
      return { project, name, version: 1, rule: JSON.stringify(parsePriceRule(name, rule)), ...audit };
    }),
  );
}

const priced = (content: Readonly<Record<string, unknown>>, over: Partial<PricedCall> = {}) =>
  createPriceBook(list, rules(content)).priceOf(call(over));

const flat = (input: string, match = {}, period = {}) => ({
  kind: "price",
  match,
  prices: { input_mtok: input, output_mtok: "0" },
  ...period,
});

describe("a project's own prices", () => {
  it("are of a model that nobody publishes, by token, and say which rule", () => {
    const own = {
      kind: "price",
      match: { provider: "vllm", model: "llama-*" },
      prices: { input_mtok: "0.10", output_mtok: "0.4" },
    };
    expect(priced({ "shop/cluster": own }, { provider: "vllm", requestModel: "llama-4-8b" })).toMatchObject({
      // 1,000 × 0.1 + 100 × 0.4 micro-dollars
      ...{ state: "priced", cost: 140n * millions, source: "override", version: "v1", rule: "cluster" },
    });
    expect(priced({ "shop/cluster": own }, { provider: "vllm", requestModel: "qwen" }).state).toBe("unknown_model");
    expect(priced({ "other/cluster": own }, { provider: "vllm", requestModel: "llama-4-8b" }).state).toBe(
      "unknown_model",
    );
  });

  it("are by the hour that a call took", () => {
    const own = { kind: "price", match: { provider: "ollama" }, prices: { gpu_hours: "1.80" } };
    // Two seconds of $1.80 an hour are $0.001; its tokens have no price, and need none.
    const price = priced({ gpu: own }, { provider: "ollama", usage: noUsage });
    expect(price).toMatchObject({ state: "priced", cost: 1_000_000_000n });
  });

  it("hold from their first instant to before their last, by the call's end", () => {
    const content = { year: flat("1", {}, { from: "2026-01-01", to: "2026-07-01T00:00:00+02:00" }) };
    const rule = (end: string) => priced(content, { endTime: at(end) }).rule;
    expect(rule("2025-12-31T23:59:59.999Z")).toBe("openai/gpt-4o");
    expect(rule("2026-01-01T00:00:00Z")).toBe("year");
    expect(rule("2026-06-30T21:59:59.999Z")).toBe("year");
    expect(rule("2026-06-30T22:00:00Z")).toBe("openai/gpt-4o");
  });

  it.each([
    ["a project's before everybody's", { all: flat("1", { model: "gpt-4o" }), "shop/own": flat("2") }, "own"],
    [
      "the key's before the model's",
      { key: flat("1", { credential: "…abcd" }), model: flat("2", { model: "gpt-4o" }) },
      "key",
    ],
    [
      "a name before a pattern",
      { pattern: flat("1", { model: "gpt-4*" }), name: flat("2", { model: "GPT-4o" }) },
      "name",
    ],
    [
      "a longer pattern before a shorter",
      { short: flat("1", { model: "gpt*" }), long: flat("2", { model: "gpt-4*" }) },
      "long",
    ],
    [
      "the model's before the provider's",
      { provider: flat("1", { provider: "openai" }), model: flat("2", { model: "gpt*" }) },
      "model",
    ],
    [
      "the later before the earlier",
      { a: flat("1", {}, { from: "2026-02-01" }), b: flat("2", {}, { from: "2026-01-01" }) },
      "a",
    ],
  ])("go %s", (_, content, rule) => {
    expect(priced(content, { credential: "…abcd" }).rule).toBe(rule);
  });

  it("has tiers of its own", () => {
    const prices = { input_mtok: { base: "1", tiers: [{ start: 1000, price: "2" }] } };
    const cost = (tokens: number) => priced({ own: { kind: "price", match: {}, prices } }, tiered(tokens)).cost;
    expect([cost(1000), cost(1001)]).toEqual([1000n * millions, 2002n * millions]);
  });
});

describe("discounts and aliases", () => {
  it("a discount is taken off each component before it is rounded, the most telling one alone", () => {
    const all = { kind: "discount", match: {}, percent: "50" };
    const own = { kind: "discount", match: { provider: "openai" }, percent: "12.5" };
    const price = priced({ all, own });
    // 1,000 × 2.5 + 100 × 10 = 3,500 micro-dollars, less an eighth.
    expect(price).toMatchObject({
      cost: 3_062_500_000n,
      rule: "openai/gpt-4o, less 12.5 % by own@v1",
      source: "genai-prices",
    });
    expect(priced({ all: { kind: "discount", match: {}, percent: "-10" } }).cost).toBe(3_850n * millions);
    expect(priced({ all: { kind: "discount", match: {}, percent: "100" } })).toMatchObject({
      state: "priced",
      cost: 0n,
    });
  });

  it("an alias says which model a deployment is", () => {
    const alias = { kind: "alias", match: { provider: "azure.ai.openai", model: "chat-prod" }, model: "gpt-4o" };
    const over = { provider: "azure.ai.openai", requestModel: "chat-prod" };
    expect(priced({}, over).state).toBe("unknown_model");
    expect(priced({ alias }, over)).toMatchObject({ cost: 3_500n * millions, rule: "azure/gpt-4o, by alias alias@v1" });
  });

  it("a commitment changes no price and no fingerprint", () => {
    const commitment = { kind: "commitment", match: { provider: "openai" }, amount: "10000", per: "month" };
    expect(rules({ commitment }).fingerprint).toBe(rules({}).fingerprint);
    expect(rules({ all: flat("1") }).fingerprint).not.toBe(rules({ all: flat("2") }).fingerprint);
  });
});

it.each([
  [{ kind: "price", match: {}, prices: {} }, "input_mtok"],
  [{ kind: "price", match: {}, prices: { input_mtok: 2.5 } }, "prices.input_mtok"],
  [{ kind: "price", match: {}, prices: { tokens: "1" } }, "tokens"],
  [{ kind: "price", match: { modle: "x" }, prices: { input_mtok: "1" } }, "modle"],
  [{ kind: "discount", match: {}, percent: "101" }, "percent"],
  [{ kind: "alias", match: {}, model: "x" }, "match.model"],
  [flat("1", {}, { from: "yesterday" }), "from"],
])("%j is refused with what is wrong", (content, named) => {
  expect(() => parsePriceRule("odd", content)).toThrow(named);
});

describe("service tiers as providers publish them", () => {
  const millionsOf = (over: Partial<PricedCall>) => priced({}, over);

  it.each<[string, Partial<PricedCall>, bigint]>([
    ["OpenAI's batch is half", { serviceTier: "batch" }, 1_750n],
    ["OpenAI's flex is half", { serviceTier: "flex" }, 1_750n],
    ["OpenAI's priority has prices of its own", { serviceTier: "priority" }, 4_250n + 1_700n],
    [
      "Anthropic's batch is half",
      { provider: "anthropic", requestModel: "claude-sonnet-4-5", serviceTier: "batch" },
      2_250n,
    ],
    [
      "Anthropic's inference in the US is a tenth more, in a batch too",
      { provider: "anthropic", requestModel: "claude-opus-4-6", serviceTier: "batch+us" },
      // (1,000 × 5 + 100 × 25) × 0.5 × 1.1
      4_125n,
    ],
    [
      "Groq's flex is the list price",
      { provider: "groq", requestModel: "llama-3.1-8b-instant", serviceTier: "flex" },
      58n,
    ],
  ])("%s", (_, over, microDollars) => {
    expect(millionsOf(over)).toMatchObject({ state: "priced", cost: microDollars * millions });
  });

  it("searches cost as much in a batch", () => {
    const searched = { usage: { ...usage, units: { web_searches: 2 } } };
    expect(millionsOf({ serviceTier: "batch", ...searched }).cost - millionsOf({ serviceTier: "batch" }).cost).toBe(
      20_000n * millions,
    );
  });

  it("Gemini's batch leaves cached input at its own discount", () => {
    const over = { provider: "gcp.gemini", requestModel: "gemini-2.5-flash", serviceTier: "batch" };
    // $0.30 and $0.03 a million: 600 × 0.15 + 400 × 0.03 = 102 micro-dollars.
    const cached = { usage: { ...noUsage, inputTokens: 1_000, cacheReadTokens: 400 } };
    expect(millionsOf({ ...over, ...cached }).cost).toBe(102n * millions);
  });

  it("has no price where a provider publishes none", () => {
    expect(millionsOf({ serviceTier: "scale" }).state).toBe("unknown_model");
    expect(millionsOf({ requestModel: "gpt-3.5-turbo", serviceTier: "priority" }).state).toBe("unknown_model");
    const long = { requestModel: "gpt-5.4", serviceTier: "priority", ...tiered(300_000) };
    expect(millionsOf(long)).toMatchObject({
      state: "unknown_model",
      rule: "service tier priority above 271999 input tokens",
    });
  });

  it("a project's contract has", () => {
    const provisioned = {
      kind: "price",
      match: { service_tier: "scale" },
      prices: { input_mtok: "0", output_mtok: "0" },
    };
    expect(priced({ provisioned }, { serviceTier: "scale" })).toMatchObject({ state: "priced", cost: 0n });
  });
});

describe("names of models", () => {
  it.each([
    ["openai", "ft:gpt-4o-mini-2024-07-18:acme::id", "openai/ft:gpt-4o-mini"],
    [
      "aws.bedrock",
      "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-5-sonnet-20241022-v2:0",
      "aws/regional.anthropic.claude-3-5-sonnet-20241022-v2:0",
    ],
    [
      "aws.bedrock",
      "arn:aws:bedrock:eu-west-1:1234:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
      "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ],
    [
      "aws.bedrock",
      "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
      "aws/global.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ],
    [
      "gcp.vertex_ai",
      "projects/p/locations/us-central1/publishers/google/models/gemini-2.5-flash",
      "google/gemini-2.5-flash",
    ],
    ["gcp.gemini", "models/gemini-2.5-flash", "google/gemini-2.5-flash"],
    ["openai", "openai/gpt-4o", "openai/gpt-4o"],
  ])("%s: %s", (provider, requestModel, rule) => {
    expect(priced({}, { provider, requestModel })).toMatchObject({ state: "priced", rule });
  });

  it.each([
    ["openai", "ft:gpt-9:acme::id"],
    ["aws.bedrock", "arn:aws:bedrock:us-east-1:1234:provisioned-model/abc"],
    ["aws.bedrock", "arn:aws:bedrock:us-east-1:1234:application-inference-profile/abc"],
  ])("%s: %s says no model, so that no price is guessed", (provider, requestModel) => {
    expect(priced({}, { provider, requestModel }).state).toBe("unknown_model");
  });
});

it("a unit that no price can be for makes the rest an estimate", () => {
  const price = priced({}, { usage: { ...usage, units: { moon_beams: 1 } } });
  expect(price).toMatchObject({ state: "estimated", cost: 0n, estimatedCost: 3_500n * millions });
  expect(price.rule).toContain("without moon_beams");
});
