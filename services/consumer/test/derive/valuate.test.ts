import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { Span } from "@spanhouse/schemas/otlp/model";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDeriver } from "../../src/derive/derive-span.ts";
import { createUsageEstimator } from "../../src/derive/estimate-usage.ts";
import { createOwnershipRules, parseOwnershipFile } from "../../src/derive/ownership-rules.ts";
import { createGenaiList } from "../../src/derive/price/genai-list.ts";
import { createPriceBook } from "../../src/derive/price/price-book.ts";
import { createPriceRules } from "../../src/derive/price/price-rules.ts";
import { createValuation, type Valuation } from "../../src/derive/valuate.ts";
import { attributes, chat, span } from "../pipeline/spans.ts";
import { soup } from "./soup.ts";

const list = await createGenaiList();
const estimateUsage = createUsageEstimator();

function decoded(sent: Span, service = "shop"): DecodedSpan {
  const resource = { attributes: attributes({ "service.name": service }) };
  const outcome = decodeTraces(encodeTraces({ resourceSpans: [{ resource, scopeSpans: [{ spans: [sent] }] }] }));
  if (outcome.kind === "failed") throw new Error(outcome.message);
  return outcome.traces.spans[0]!;
}

const ownedBy = (yaml: string) => createOwnershipRules([], parseOwnershipFile("owners.yaml", yaml));

const owners = `
rules:
  - { name: key, match: { credential: "…abcd" }, set: { team: key-team } }
  - { name: shop, match: { service: "shop*" }, set: { team: shop-team, cost_centre: CC-1, feature: checkout } }
  - { name: later, match: { service: shop }, set: { release: "2.0" }, from: 2026-10-05T10:00:02Z }
  - { name: models, match: { model: "gpt-4*", provider: openai }, set: { team: model-team, prompt: none@1 } }
  - { name: elsewhere, project: other, match: { service: shop }, set: { team: other-team } }
`;

describe("owners", () => {
  const derive = createDeriver({
    priceBook: createPriceBook(list, createPriceRules([])),
    ownershipRules: ownedBy(owners),
  });
  const of = (more: Readonly<Record<string, string>> = {}, at = 0n, project = "p") =>
    derive(decoded(span(1, 1, undefined, chat(1, 1, more), at)), project);

  it("come from the key before the service before the model, where the call does not say them", () => {
    expect(of()).toMatchObject({
      team: "shop-team",
      costCentre: "CC-1",
      feature: "checkout",
      prompt: "none@1",
      release: "",
    });
    expect(of({ "spanhouse.credential": "…abcd" })).toMatchObject({ team: "key-team", costCentre: "CC-1" });
    expect(of({ "spanhouse.team": "own", "spanhouse.feature": "search" })).toMatchObject({
      team: "own",
      feature: "search",
    });
  });

  it("hold for their time and project", () => {
    expect(of({}, 1_000_000_000n).release).toBe("2.0");
    expect(of({}, 999_999_999n).release).toBe("");
    expect(of({}, 0n, "other").team).toBe("other-team");
  });

  it.each([
    ["rules: [{ name: a, match: {}, set: { team: x } }]", "expected credential, service, model or provider"],
    ["rules: [{ name: a, match: { service: x }, set: { taem: x } }]", "taem"],
    ["rules: {", "owners.yaml: expected YAML"],
  ])("%s is refused with what is wrong", (yaml, named) => {
    expect(() => ownedBy(yaml)).toThrow(named);
  });
});

describe("estimates", () => {
  const priceBook = createPriceBook(list, createPriceRules([]));
  const derive = createDeriver({ priceBook, estimateUsage });
  const question = JSON.stringify({
    model: "gpt-4o",
    messages: [{ role: "user", content: "How many tokens is this?" }],
  });
  const events = ["It ", "is ", "<|endoftext|> six."].map(
    (content) =>
      `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta: { content } }] })}\n\n`,
  );
  const stream = (more: Readonly<Record<string, string>> = {}, status = 0) => {
    const values = {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-4o",
    };
    const bodies = { "spanhouse.request": question, "spanhouse.response": events.join("") };
    return derive(
      decoded(span(1, 1, undefined, { ...values, ...bodies, ...more }, 0n, { status: { code: status } })),
      "p",
    );
  };

  it("count a stream without usage by a tokenizer, in columns of their own", () => {
    const estimated = stream();
    expect(estimated).toMatchObject({
      ...{ usageState: "estimated", usage: { inputTokens: 0, outputTokens: 0 } },
      // As gpt-tokenizer counts them; what looks like a special token is text.
      estimatedUsage: { inputTokens: 6, outputTokens: 11 },
      price: { state: "estimated", cost: 0n, rule: "openai/gpt-4o, tokens estimated" },
    });
    expect(estimated.price.estimatedCost).toBe(6n * 2_500_000n + 11n * 10_000_000n);
  });

  it("are not made of a call that failed, that has no answer, or that says its usage", () => {
    expect(stream({}, 2)).toMatchObject({ usageState: "unknown", price: { state: "unknown_usage" } });
    expect(stream({ "spanhouse.response": "" }).usageState).toBe("unknown");
    const said = stream({ "gen_ai.usage.input_tokens": "3", "gen_ai.usage.output_tokens": "4" });
    expect(said.estimatedUsage).toBeUndefined();
  });

  it("take the rest of a long text to be like its beginning, and bear the worst text", () => {
    const long = stream({ "spanhouse.request": JSON.stringify({ messages: [{ content: "a".repeat(200_000) }] }) });
    expect(long.estimatedUsage?.inputTokens).toBeGreaterThan(20_000);
    expect(long.estimatedUsage?.inputTokens).toBeLessThan(30_000);
  });
});

const audit = { changedBy: "me", reason: "test", changedAt: "" };
const stored = (rule: unknown) => ({ project: "", name: "rule", version: 1, rule: JSON.stringify(rule), ...audit });
const books = [
  createPriceRules([]),
  createPriceRules([stored({ kind: "discount", match: {}, percent: "50" })]),
  createPriceRules([stored({ kind: "price", match: { model: "*" }, prices: { input_mtok: "1", output_mtok: "2" } })]),
].map((rules) => createPriceBook(list, rules));
const mappings = [ownedBy("rules: []"), ownedBy(owners), ownedBy(owners.replaceAll("-team", "-group"))];

it("what a row's columns are valued at under new rules is what the record gives under them", () => {
  let estimates = 0;
  let mapped = 0;
  const sent = fc.oneof(
    soup,
    fc
      .record({ input: fc.nat(1000), output: fc.nat(1000) })
      .map(({ input, output }) => span(1, 1, undefined, chat(input, output))),
    fc.constant(
      span(1, 1, undefined, {
        ...{ "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o" },
        ...{
          "spanhouse.request": '{"messages":[{"content":"hello"}]}',
          "spanhouse.response": '{"choices":[{"message":{"content":"hi"}}]}',
        },
      }),
    ),
  );
  fc.assert(
    fc.property(
      sent,
      fc.constantFrom(...books),
      fc.constantFrom(...mappings),
      fc.constantFrom(...books),
      fc.constantFrom(...mappings),
      (one, priceBook, ownershipRules, newBook, newRules) => {
        const row = createDeriver({ priceBook, ownershipRules, estimateUsage })(decoded(one), "p");
        const anew = createDeriver({ priceBook: newBook, ownershipRules: newRules, estimateUsage })(decoded(one), "p");
        if (row.usageState === "estimated") estimates++;
        if (row.mappedOwnership !== 0) mapped++;
        const { team, costCentre, feature, prompt, release, mappedOwnership, price } = anew;
        const expected: Valuation = { team, costCentre, feature, prompt, release, mappedOwnership, price };
        expect(createValuation({ priceBook: newBook, ownershipRules: newRules })(row)).toEqual(expected);
      },
    ),
    { numRuns: 400 },
  );
  expect(Math.min(estimates, mapped)).toBeGreaterThan(20);
});
