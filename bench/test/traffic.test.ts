import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { describe, expect, it } from "vitest";
import type { PlannedTrace } from "../src/generator/plan-trace.ts";
import { type TrafficOptions, traffic } from "../src/generator/traffic.ts";

const options: TrafficOptions = {
  seed: 7,
  traces: 1_500,
  startMs: Date.UTC(2026, 9, 5),
  hours: 24,
  projects: ["default"],
};

function run(more: Partial<TrafficOptions> = {}) {
  const traces: PlannedTrace[] = [];
  const deliveries = [...traffic({ ...options, ...more }, (trace) => traces.push(trace))];
  return { traces, deliveries, spans: traces.flatMap(({ spans }) => spans) };
}

const { traces, deliveries, spans } = run();

it("is the same for the same seed, and another for another", () => {
  const bytes = (made: typeof deliveries) =>
    made.slice(0, 200).map(({ request }) => Buffer.from(encodeTraces(request)).toString("hex"));
  expect(bytes(run().deliveries)).toEqual(bytes(deliveries));
  expect(bytes(run({ seed: 8 }).deliveries)).not.toEqual(bytes(deliveries));
});

it("delivers in order of arrival, every span at least once", () => {
  const arrivals = deliveries.map(({ arrivesUs }) => Math.floor(arrivesUs / 60_000_000));
  expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
  const delivered = new Set(
    deliveries.flatMap(({ request }) =>
      request.resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap((scope) => scope.spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`)),
      ),
    ),
  );
  expect(delivered).toEqual(new Set(spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`)));
});

it("has spans of about 2.5 KB", () => {
  const bytes = deliveries.reduce((sum, { request }) => sum + encodeTraces(request).length, 0);
  const count = deliveries.reduce((sum, delivery) => sum + delivery.spans, 0);
  expect(bytes / count).toBeGreaterThan(2_200);
  expect(bytes / count).toBeLessThan(2_900);
});

describe("has everything that makes spend hard", () => {
  const count = (holds: (span: (typeof spans)[number]) => boolean) => spans.filter(holds).length;
  const calls = (outcome: string) => count(({ role, ending }) => role === "call" && ending.outcome === outcome);

  it.each([
    ["wrappers that repeat usage", count(({ role, repeats }) => role === "wrapper" && repeats)],
    [
      "wrappers that alone tell usage",
      count(({ role, usage, repeats }) => role === "wrapper" && usage !== undefined && !repeats),
    ],
    ["calls seen twice", count(({ role, repeats }) => role === "call" && repeats)],
    ["retries", count(({ attempt }) => attempt > 1)],
    ["second retries", count(({ attempt }) => attempt > 2)],
    ["truncated calls", calls("truncated")],
    ["refused calls", calls("refused")],
    ["filtered calls", calls("filtered")],
    ["aborted calls", calls("aborted")],
    ["failed calls", calls("error")],
    ["suspected refusals", count(({ ending }) => ending.refusal === "suspected")],
    ["cache writes", count(({ usage }) => (usage?.cacheWrite ?? 0) > 0)],
    ["calls without usage", count(({ role, usage, ending }) => role === "call" && !usage && ending.outcome === "ok")],
    ["models without a price", count(({ model, usage }) => usage !== undefined && model !== undefined && !model.price)],
    ["superseded spans", count(({ earlier }) => earlier !== undefined)],
    ["failed tools", count(({ role, ending }) => role === "tool" && ending.outcome === "error")],
    [
      "agents below a tool",
      spans.filter(({ role, parentSpanId }) => role === "wrapper" && isTool(parentSpanId)).length,
    ],
    ["orphans", traces.filter((trace) => trace.spans.every(({ parentSpanId }) => parentSpanId !== undefined)).length],
    ["deliveries that come twice", deliveries.length - new Set(deliveries.map(({ request }) => request)).size],
    ["traces over more than ten minutes", traces.filter((trace) => lengthUs(trace) > 600_000_000).length],
    [
      "traces of two services",
      traces.filter((trace) => new Set(trace.spans.map(({ service }) => service)).size > 1).length,
    ],
  ])("%s", (_what, found) => {
    expect(found).toBeGreaterThan(0);
  });

  function isTool(spanId: string | undefined): boolean {
    return tools.has(spanId ?? "");
  }
  function lengthUs(trace: PlannedTrace): number {
    return Math.max(...trace.spans.map(({ endUs }) => endUs)) - Math.min(...trace.spans.map(({ startUs }) => startUs));
  }
});

const tools = new Set(spans.filter(({ role }) => role === "tool").map(({ spanId }) => spanId));
