import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { encodeJson } from "@spanhouse/schemas/otlp/json";
import type { AnyValue, KeyValue } from "@spanhouse/schemas/otlp/model";
import { afterAll, beforeAll, expect, it } from "vitest";
import { attributes, chat, minute0, request, second, span, traceIdOf } from "../pipeline/spans.ts";
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

const text = (value: string): AnyValue => ({ type: "string", value });
const call = attributes(chat(1000, 100));
const neighbour = span(1, 2, undefined, chat(1000, 100));
const ofCall = (more: readonly KeyValue[]) =>
  span(1, 1, undefined, {}, 0n, { name: "chat", attributes: [...more, ...call] });

it.concurrent("a million distinct attributes in one span are stored", async () => {
  const many = Array.from({ length: 1_000_000 }, (_, i) => ({ key: `k${i}`, value: text("v") }));
  await pipeline.send("million", request(ofCall(many), neighbour));
  const [row] = await pipeline.clickhouse.query(
    "SELECT length(attributes) AS n, attributes['k0'] AS first, attributes['k999999'] AS last, length(attribute_types) AS types FROM span_payloads WHERE project = 'million' ORDER BY n DESC",
  );
  expect(row).toEqual({
    n: String(1_000_000 + call.length),
    first: "v",
    last: "v",
    types: String(1_000_000 + call.length),
  });
  expect(await pipeline.trace("million", "spans, cost")).toEqual({ spans: 2, cost: "0.007" });
}, 90_000);

it.concurrent("5,000 spans with an attribute name of their own each", async () => {
  const spans = Array.from({ length: 5000 }, (_, i) =>
    span(1, 0x1000 + i, undefined, { ...chat(1000, 100), [`key-${i}`]: i }),
  );
  await pipeline.send("own-names", request(...spans));
  expect(await pipeline.trace("own-names", "spans, cost")).toEqual({ spans: 5000, cost: "17.5" });
  const [row] = await pipeline.clickhouse.query(
    "SELECT uniqExactArray(mapKeys(attributes)) AS names FROM span_payloads WHERE project = 'own-names'",
  );
  expect(row).toEqual({ names: String(5000 + call.length) });
});

it.concurrent("10,000 events and 10,000 links are stored in their order", async () => {
  const events = Array.from({ length: 10_000 }, (_, i) => ({ name: `event ${i}`, timeUnixNano: minute0 + BigInt(i) }));
  const links = Array.from({ length: 10_000 }, (_, i) => ({ traceId: traceIdOf(i + 1), spanId: "ab".repeat(8) }));
  await pipeline.send("events", request(span(1, 1, undefined, chat(1000, 100), 0n, { events, links }), neighbour));
  const [row] = await pipeline.clickhouse.query(
    `SELECT JSONLength(events) AS count, JSONExtractString(events, 10000, 'name') AS last, JSONLength(links) AS linkCount,
       JSONExtractString(links, 10000, 'traceId') AS lastLink FROM span_payloads WHERE project = 'events' ORDER BY span_id`,
  );
  expect(row).toEqual({ count: "10000", last: "event 9999", linkCount: "10000", lastLink: traceIdOf(10_000) });
  expect(await pipeline.trace("events", "spans, cost")).toEqual({ spans: 2, cost: "0.007" });
});

it.concurrent("of more events the first 10,000 are stored, and the span says that it was cut", async () => {
  const events = Array.from({ length: 10_001 }, (_, i) => ({ name: `event ${i}`, timeUnixNano: minute0 }));
  await pipeline.send("more-events", request(span(1, 1, undefined, chat(1000, 100), 0n, { events })));
  expect(await pipeline.payload("more-events", "JSONLength(events) AS count")).toEqual({ count: "10000" });
  expect(await pipeline.flags("more-events")).toEqual([["clipped"]]);
});

it.concurrent("events and links with ids and times that cannot be do no harm", async () => {
  const events = [
    { name: "", timeUnixNano: 2n ** 64n - 1n },
    { name: "exception", attributes: attributes({ "exception.type": 7 }) },
  ];
  const links = [
    { traceId: "ab", spanId: "" },
    { traceId: "ab".repeat(40), spanId: "ab".repeat(40) },
  ];
  await pipeline.send("odd-events", request(span(1, 1, undefined, chat(1000, 100), 0n, { events, links })));
  expect(await pipeline.spans("odd-events", "cost, error_type")).toEqual([{ cost: "0.0035", error_type: "7" }]);
  expect(
    await pipeline.payload(
      "odd-events",
      "JSONExtractString(events, 1, 'timeUnixNano') AS time, JSONLength(links) AS links",
    ),
  ).toEqual({
    time: String(2n ** 64n - 1n),
    links: "2",
  });
});

function nested(depth: number): AnyValue {
  let value: AnyValue = text("deep");
  for (let level = 1; level < depth; level++) {
    value = level % 2 === 0 ? { type: "array", value: [value] } : { type: "kvlist", value: [{ key: "k", value }] };
  }
  return value;
}

it.concurrent("a value nested 100 deep is stored as its JSON", async () => {
  await pipeline.send("deep", request(ofCall([{ key: "deep", value: nested(100) }])));
  const stored = await pipeline.payload("deep", "attributes['deep'] AS json");
  expect(JSON.stringify(JSON.parse(String(stored?.json)))).toMatch(/^(\[?\{"k":\[?)+.*"deep".*$/);
  expect(await pipeline.spans("deep", "cost")).toEqual([{ cost: "0.0035" }]);
});

it.concurrent.each([
  ["protobuf", "OTLP_WIRE", /nested deeper than 100/],
  ["JSON", "OTLP_JSON", /nested at most 500 deep/],
])("a value nested 200 deep, in %s: the record is buried as it was", async (encoding, code, why) => {
  const project = projectOf(`too deep ${encoding}`);
  const tooDeep = request(ofCall([{ key: "deep", value: nested(200) }]));
  const bytes = encoding === "JSON" ? Buffer.from(encodeJson(tooDeep)) : encodeTraces(tooDeep);
  await pipeline.sendBytes(project, bytes, encodeTraces(request(neighbour)));
  const letters = await pipeline.letters(project);
  expect(letters).toMatchObject([{ code, stage: "read", message: expect.stringMatching(why) }]);
  expect(letters[0]!.value.equals(bytes)).toBe(true);
  expect(await pipeline.spans(project, "cost")).toEqual([{ cost: "0.0035" }]);
});

it.concurrent("a message of JSON nested 100,000 deep is stored as the text that it is", async () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const events = [
    { name: "gen_ai.user.message", attributes: attributes({ content: deep }) },
    { name: "gen_ai.choice", attributes: attributes({ message: deep }) },
  ];
  const inBodies = chat(1000, 100, { "spanhouse.request": deep, "spanhouse.response": deep });
  const inMessages = chat(1000, 100, {
    "gen_ai.input.messages": deep,
    "gen_ai.output.messages": deep,
    "spanhouse.tags": deep,
  });
  await pipeline.send(
    "deep-texts",
    request(
      span(1, 1, undefined, chat(1000, 100), 0n, { events }),
      span(1, 2, undefined, inBodies),
      span(1, 3, undefined, inMessages),
    ),
  );
  expect(await pipeline.letters("deep-texts")).toEqual([]);
  expect(await pipeline.spans("deep-texts", "cost")).toEqual(Array(3).fill({ cost: "0.0035" }));
  const rows = await pipeline.clickhouse.query<{ request: string }>(
    "SELECT request FROM span_payloads WHERE project = 'deep-texts' ORDER BY span_id",
  );
  expect(rows.map(({ request }) => request.includes(deep))).toEqual([true, true, true]);
});

it.concurrent("one span id in 40 minutes: the last one counts, once", async () => {
  const sent = Array.from({ length: 40 }, (_, i) => span(1, 1, undefined, chat(1000, 100), BigInt(i * 60) * second));
  await pipeline.send("wandering", request(...sent));
  expect(await pipeline.trace("wandering", "spans, void_spans, cost")).toEqual({
    spans: 1,
    void_spans: 39,
    cost: "0.0035",
  });
});
