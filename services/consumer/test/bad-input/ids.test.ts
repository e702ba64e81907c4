import type { Span } from "@spanhouse/schemas/otlp/model";
import { afterAll, beforeAll, expect, it } from "vitest";
import { agent, attributes, chat, request, span, spanIdOf } from "../pipeline/spans.ts";
import type { ObservedPipeline } from "./observed-pipeline.ts";
import { observedPipeline, projectOf, spanNamesIn } from "./observed-pipeline.ts";

let pipeline: ObservedPipeline;

beforeAll(async () => {
  pipeline = await observedPipeline();
});
afterAll(async () => {
  await pipeline.goesOn();
  await pipeline.stop();
});

const offender = (ids: Partial<Span>): Span => span(1, 2, undefined, chat(7, 7), 0n, { name: "offender", ...ids });

it.concurrent.each<readonly [string, Partial<Span>, string, string]>([
  [
    "a trace id of 15 bytes",
    { traceId: "ab".repeat(15) },
    "OTLP_TRACE_ID",
    "span 1: trace_id has 15 bytes, expected 16",
  ],
  [
    "a trace id of 17 bytes",
    { traceId: "ab".repeat(17) },
    "OTLP_TRACE_ID",
    "span 1: trace_id has 17 bytes, expected 16",
  ],
  ["a trace id of 8 bytes", { traceId: "ab".repeat(8) }, "OTLP_TRACE_ID", "span 1: trace_id has 8 bytes, expected 16"],
  ["no trace id", { traceId: "" }, "OTLP_TRACE_ID", "span 1: trace_id has 0 bytes, expected 16"],
  ["a trace id of zeros", { traceId: "0".repeat(32) }, "OTLP_TRACE_ID", "span 1: trace_id is all zero"],
  ["a span id of 16 bytes", { spanId: "ab".repeat(16) }, "OTLP_SPAN_ID", "span 1: span_id has 16 bytes, expected 8"],
  ["no span id", { spanId: "" }, "OTLP_SPAN_ID", "span 1: span_id has 0 bytes, expected 8"],
  ["a span id of zeros", { spanId: "0".repeat(16) }, "OTLP_SPAN_ID", "span 1: span_id is all zero"],
])("%s: that span is buried alone, its neighbours in the record are stored", async (name, ids, code, message) => {
  const project = projectOf(name);
  await pipeline.send(project, request(span(1, 1, undefined, agent()), offender(ids), span(1, 3, 1, chat(1000, 100))));
  const letters = await pipeline.letters(project);
  expect(letters).toMatchObject([{ code, stage: "read", message }]);
  expect(spanNamesIn(letters[0]!)).toEqual(["offender"]);
  expect(letters[0]!.headers).toMatchObject({ "content-type": "application/x-protobuf", "spanhouse-project": project });
  expect(await pipeline.trace(project, "spans, calls, cost")).toEqual({ spans: 2, calls: 1, cost: "0.0035" });
});

it.concurrent("many offenders under a large resource: a letter an error, not a resource a span", async () => {
  const large = "x".repeat(100_000);
  await pipeline.send("offenders", {
    resourceSpans: [
      {
        resource: { attributes: attributes({ "service.name": "shop", large }) },
        scopeSpans: [
          {
            scope: { name: "test" },
            spans: Array.from({ length: 3000 }, (_, i) =>
              i % 3 === 0
                ? span(1, i + 1, undefined, agent())
                : offender(i % 3 === 1 ? { traceId: "" } : { spanId: "" }),
            ),
          },
        ],
      },
    ],
  });
  const letters = await pipeline.letters("offenders");
  expect(letters.map(({ code, message }) => [code, message])).toEqual([
    ["OTLP_SPAN_ID", "span 2: span_id has 0 bytes, expected 8 (the first of 1000 spans)"],
    ["OTLP_TRACE_ID", "span 1: trace_id has 0 bytes, expected 16 (the first of 1000 spans)"],
  ]);
  expect(letters.map((letter) => spanNamesIn(letter).length)).toEqual([1000, 1000]);
  expect(await pipeline.trace("offenders", "spans, services")).toEqual({ spans: 1000, services: ["shop"] });
});

it.concurrent.each<readonly [string, string]>([
  ["7 bytes", "ab".repeat(7)],
  ["9 bytes", "ab".repeat(9)],
])("a parent id of %s: an orphan with a flag", async (length, parentSpanId) => {
  const project = projectOf(`parent of ${length}`);
  await pipeline.send(project, request(span(1, 1, undefined, agent(), 0n, { parentSpanId })));
  expect(await pipeline.flags(project)).toEqual([["invalidParent"]]);
  expect(await pipeline.spans(project, "hex(parent_span_id) AS parent")).toEqual([{ parent: "0".repeat(16) }]);
});

it.concurrent("a parent id of zeros is a root, as many SDKs write it", async () => {
  await pipeline.send("zero-parent", request(span(1, 1, undefined, agent(), 0n, { parentSpanId: "0".repeat(16) })));
  expect(await pipeline.flags("zero-parent")).toEqual([[]]);
  expect(await pipeline.trace("zero-parent", "has_root, missing_parents")).toEqual({
    has_root: true,
    missing_parents: 0,
  });
});

it.concurrent("a parent that never comes, and one in another trace: orphans that are counted", async () => {
  await pipeline.send(
    "orphans",
    request(span(1, 1, 99, chat(1000, 100)), span(1, 2, 98, chat(1000, 100)), span(2, 98, undefined, agent())),
  );
  const rows = await pipeline.clickhouse.query(
    "SELECT spans, has_root, missing_parents, cost FROM traces FINAL WHERE project = 'orphans' ORDER BY spans",
  );
  expect(rows).toEqual([
    { spans: 1, has_root: true, missing_parents: 0, cost: "0" },
    { spans: 2, has_root: false, missing_parents: 2, cost: "0.007" },
  ]);
});

it.concurrent("the same id with other content, twice in one record: one span, whatever the order", async () => {
  const [one, other] = [span(1, 1, undefined, chat(1000, 100)), span(1, 1, undefined, chat(2000, 200))];
  await pipeline.send("twice", request(one, other));
  await pipeline.send("twice-turned", request(other, one));
  const stored = await pipeline.spans("twice", "input_tokens, cost");
  expect(stored).toHaveLength(1);
  expect(await pipeline.spans("twice-turned", "input_tokens, cost")).toHaveLength(1);
});

const cycles: readonly (readonly [string, (i: number, n: number) => number, number])[] = [
  ["itself", (i) => i, 1],
  ["one another", (i) => 1 - i, 2],
  ["in a ring of 5,000", (i, n) => (i + 1) % n, 5000],
];

it.concurrent.each(cycles)(
  "parents that are %s: every span is there, usage counted once, the trace flagged",
  async (name, parentOf, n) => {
    const project = projectOf(`cycle ${name}`);
    const ring = Array.from({ length: n }, (_, i) =>
      span(1, 0x1000 + i, 0x1000 + parentOf(i, n), chat(1000, 100, { "gen_ai.response.id": `r${i}` })),
    );
    await pipeline.send(project, request(...ring));
    expect(await pipeline.trace(project, "spans, calls, has_cycle, has_root")).toEqual({
      spans: n,
      calls: n,
      has_cycle: true,
      has_root: false,
    });
    const parents = await pipeline.spans(project, "lower(hex(span_id)) AS id, lower(hex(parent_span_id)) AS parent");
    expect(parents.map(({ id, parent }) => [id, parent])).toEqual(
      Array.from({ length: n }, (_, i) => [spanIdOf(0x1000 + i), spanIdOf(0x1000 + parentOf(i, n))]),
    );
  },
);
