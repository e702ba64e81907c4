import type { AnyValue } from "@spanhouse/schemas/otlp/model";
import { afterAll, beforeAll, expect, it } from "vitest";
import { attributes, chat, request, span } from "../pipeline/spans.ts";
import type { ObservedPipeline } from "./observed-pipeline.ts";
import { observedPipeline, projectOf } from "./observed-pipeline.ts";

let pipeline: ObservedPipeline;

beforeAll(async () => {
  pipeline = await observedPipeline();
});
afterAll(async () => {
  await pipeline.goesOn();
  await pipeline.stop();
});

const double = (value: number): AnyValue => ({ type: "double", value });
const int = (value: bigint): AnyValue => ({ type: "int", value });
const text = (value: string): AnyValue => ({ type: "string", value });

/** A call whose attribute of that name has this value instead. */
function callWith(key: string, value: AnyValue, id = 1) {
  const others = attributes(chat(1000, 100)).filter((attribute) => attribute.key !== key);
  return span(1, id, undefined, {}, 0n, { name: "chat", attributes: [...others, { key, value }] });
}

it.concurrent.each<readonly [string, AnyValue]>([
  ["NaN", double(Number.NaN)],
  ["infinite", double(Number.POSITIVE_INFINITY)],
  ["negative infinite", double(Number.NEGATIVE_INFINITY)],
  ["negative", int(-1n)],
  ["the least integer", int(-(2n ** 63n))],
  ["the greatest integer", int(2n ** 63n - 1n)],
  ["over 2^48", int(2n ** 48n + 1n)],
  ["fractional", double(10.5)],
  ["the text NaN", text("NaN")],
  ["an empty text", text("")],
  ["a list", { type: "array", value: [int(1n)] }],
])("%s input tokens: unknown, never zero; flagged and not priced", async (name, value) => {
  const project = projectOf(`tokens ${name}`);
  await pipeline.send(
    project,
    request(callWith("gen_ai.usage.input_tokens", value), span(1, 2, undefined, chat(1000, 100))),
  );
  expect(await pipeline.flags(project)).toEqual([["invalidUsage"], []]);
  expect(await pipeline.spans(project, "usage_state, input_tokens, output_tokens, price_state, cost")).toEqual([
    { usage_state: "unknown", input_tokens: "0", output_tokens: "100", price_state: "unknown_usage", cost: "0" },
    { usage_state: "exact", input_tokens: "1000", output_tokens: "100", price_state: "priced", cost: "0.0035" },
  ]);
  expect(await pipeline.trace(project, "calls, priced_calls, unknown_usage_calls, input_tokens, cost")).toEqual({
    calls: 2,
    priced_calls: 1,
    unknown_usage_calls: 1,
    input_tokens: "1000",
    cost: "0.0035",
  });
});

it.concurrent.each<readonly [string, AnyValue]>([
  ["a text", text("1000")],
  ["a text with an exponent", text("1e3")],
  ["a whole double", double(1000)],
])("input tokens as %s are taken", async (name, value) => {
  const project = projectOf(`tokens as ${name}`);
  await pipeline.send(project, request(callWith("gen_ai.usage.input_tokens", value)));
  expect(await pipeline.spans(project, "input_tokens, cost")).toEqual([{ input_tokens: "1000", cost: "0.0035" }]);
});

it.concurrent("a wrong count of cached or reasoning tokens loses that count alone", async () => {
  await pipeline.send("wrong-cache", request(callWith("gen_ai.usage.cache_read.input_tokens", int(-5n))));
  expect(await pipeline.flags("wrong-cache")).toEqual([["invalidUsage"]]);
  expect(await pipeline.spans("wrong-cache", "usage_state, cache_read_tokens, cost")).toEqual([
    { usage_state: "exact", cache_read_tokens: "0", cost: "0.0035" },
  ]);
});

it.concurrent("a call just below a million dollars is priced to the pico-dollar", async () => {
  await pipeline.send("dear", request(span(1, 1, undefined, chat(0, 99_999_999_999))));
  expect(await pipeline.spans("dear", "cost")).toEqual([{ cost: "999999.99999" }]);
});

it.concurrent("a call beyond it is stored with its tokens, not priced, and says why", async () => {
  await pipeline.send(
    "dearer",
    request(span(1, 1, undefined, chat(1, 2 ** 48)), span(1, 2, undefined, chat(1000, 100))),
  );
  const [beyond] = await pipeline.spans("dearer", "output_tokens, price_state, cost, price_rule");
  expect(beyond).toEqual({
    output_tokens: String(2 ** 48),
    price_state: "unknown_model",
    cost: "0",
    price_rule: expect.stringContaining("would cost more than any call can"),
  });
  expect(await pipeline.trace("dearer", "priced_calls, unpriced_calls, cost")).toEqual({
    priced_calls: 1,
    unpriced_calls: 1,
    cost: "0.0035",
  });
});

it.concurrent("calls whose tokens sum beyond 2^53 have a summary", async () => {
  const calls = Array.from({ length: 100 }, (_, i) =>
    span(1, 0x1000 + i, undefined, chat(2 ** 48, 1, { "gen_ai.response.id": `r${i}` })),
  );
  await pipeline.send("sums", request(...calls));
  expect(await pipeline.trace("sums", "spans, input_tokens, output_tokens")).toEqual({
    spans: 100,
    input_tokens: String(Number.MAX_SAFE_INTEGER),
    output_tokens: "100",
  });
});

it.concurrent("a model that nobody knows has no price, and is counted as such", async () => {
  const model = {
    "gen_ai.request.model": "acme-9000",
    "gen_ai.response.model": "acme-9000-beta",
    "gen_ai.provider.name": "acme",
  };
  await pipeline.send("unknown-model", request(span(1, 1, undefined, chat(1000, 100, model))));
  expect(await pipeline.spans("unknown-model", "response_model, usage_state, price_state, cost")).toEqual([
    { response_model: "acme-9000-beta", usage_state: "exact", price_state: "unknown_model", cost: "0" },
  ]);
  expect(await pipeline.trace("unknown-model", "unpriced_calls, input_tokens")).toEqual({
    unpriced_calls: 1,
    input_tokens: "1000",
  });
});

it.concurrent("a price depends on no time that cannot be", async () => {
  const times = { startTimeUnixNano: 0n, endTimeUnixNano: 2n ** 64n - 1n };
  await pipeline.send("timeless", request(span(1, 1, undefined, chat(1000, 100), 0n, times)));
  expect(await pipeline.spans("timeless", "price_state, cost")).toEqual([{ price_state: "priced", cost: "0.0035" }]);
});
