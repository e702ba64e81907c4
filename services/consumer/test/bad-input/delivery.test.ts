import type { AnyValue, ExportTraceServiceRequest } from "@spanhouse/schemas/otlp/model";
import { afterAll, beforeAll, expect, it } from "vitest";
import { agent, attributes, minute0, request, second, span } from "../pipeline/spans.ts";
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

const instance = "0199f3a2-7f3e-7cc1-9a57-1d0c3a8a4f10";

function close(final: AnyValue | undefined, of = instance): ExportTraceServiceRequest {
  const control = span(7, 7, undefined, {}, 0n, {
    name: "spanhouse.close",
    attributes: final ? [{ key: "spanhouse.final_sequence", value: final }] : [],
  });
  return {
    resourceSpans: [
      { resource: { attributes: attributes({ "spanhouse.instance": of }) }, scopeSpans: [{ spans: [control] }] },
    ],
  };
}

const deliveries = (project: string) =>
  pipeline.clickhouse.query(
    "SELECT instance, final_sequence, toUnixTimestamp64Nano(closed_at) AS closed_at FROM deliveries FINAL WHERE project = {project:String}",
    { project },
  );

it.concurrent("an instance's close is kept out of traces, and says how many spans it sent", async () => {
  const final = close({ type: "int", value: 41n });
  await pipeline.send("closed", final, request(span(1, 1, undefined, agent())), final);
  expect(await deliveries("closed")).toEqual([
    { instance, final_sequence: "41", closed_at: (minute0 + second).toString() },
  ]);
  expect(await pipeline.spans("closed", "name")).toEqual([{ name: "invoke_agent" }]);
  expect(await pipeline.trace("closed", "spans")).toEqual({ spans: 1 });
  expect(await pipeline.letters("closed")).toEqual([]);
});

it.concurrent("of two numbers of one instance the greater stays, whichever came last", async () => {
  await pipeline.send("closed-again", close({ type: "int", value: 41n }));
  await pipeline.send("closed-again", close({ type: "int", value: 7n }));
  expect(await deliveries("closed-again")).toMatchObject([{ final_sequence: "41" }]);
});

it.concurrent.each<readonly [string, ExportTraceServiceRequest]>([
  ["no number", close(undefined)],
  ["a negative number", close({ type: "int", value: -1n })],
  ["a number beyond 2^53", close({ type: "int", value: 2n ** 60n })],
  ["a word as number", close({ type: "string", value: "many" })],
  ["no instance", close({ type: "int", value: 41n }, "")],
])("a close with %s is a span like any other: nothing hides", async (name, malformed) => {
  const project = projectOf(`close with ${name}`);
  await pipeline.send(project, malformed);
  expect(await deliveries(project)).toEqual([]);
  expect(await pipeline.spans(project, "name")).toEqual([{ name: "spanhouse.close" }]);
});

it.concurrent.each<readonly [string, AnyValue, number]>([
  ["negative", { type: "int", value: -5n }, 1],
  ["zero", { type: "int", value: 0n }, 1],
  ["fractional", { type: "double", value: 1.5 }, 1],
  ["a word", { type: "string", value: "second" }, 1],
  ["a number as text", { type: "string", value: "3" }, 3],
  ["70,000", { type: "int", value: 70_000n }, 65_535],
  ["the greatest integer", { type: "int", value: 2n ** 63n - 1n }, 1],
])("an attempt that is %s", async (name, value, expected) => {
  const project = projectOf(`attempt ${name}`);
  const odd = span(1, 1, undefined, {}, 0n, {
    attributes: [...attributes(agent()), { key: "spanhouse.attempt", value }],
  });
  await pipeline.send(project, request(odd));
  expect(await pipeline.spans(project, "attempt")).toEqual([{ attempt: expected }]);
});

it.concurrent("revisions beyond 255 count as 255, and sequences beyond 2^53 as not said", async () => {
  const odd = (id: number, more: Record<string, number>) => span(1, id, undefined, agent(more));
  await pipeline.send(
    "ordinals",
    request(odd(1, { "spanhouse.revision": 300 }), odd(2, { "spanhouse.revision": -3, "spanhouse.sequence": -1 })),
  );
  await pipeline.send(
    "ordinals",
    request(odd(3, { "spanhouse.sequence": 2 ** 60 }), odd(4, { "spanhouse.sequence": 2 ** 40 })),
  );
  const revision = "toUInt32(bitAnd(bitShiftRight(version, 54), 255)) AS revision";
  expect(await pipeline.spans("ordinals", `${revision}, sequence`)).toEqual([
    { revision: 255, sequence: "0" },
    { revision: 0, sequence: "0" },
    { revision: 0, sequence: "0" },
    { revision: 0, sequence: String(2 ** 40) },
  ]);
});
