import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { Span } from "@spanhouse/schemas/otlp/model";
import { expect, it } from "vitest";
import { agent, chat, request, second, span } from "../pipeline/spans.ts";
import { observedPipeline } from "./observed-pipeline.ts";

const spans = 100_000;
const records = 4;
const firstId = 0x1_0000;

/** Every tenth is an agent below the one before, the others are its calls; all of one trace, over 100 minutes. */
function member(n: number): Span {
  const group = n - (n % 10);
  if (n === group) return span(1, firstId + n, n === 0 ? undefined : firstId + n - 10, agent(), at(n));
  return span(1, firstId + n, firstId + group, chat(1000, 100, { "gen_ai.response.id": `r${n}` }), at(n));
}

const at = (n: number) => BigInt(n) * 60_000_000n;

/** Of this process, in which the test, its records and the consumer live; the engine is another one. */
function memoryMiB(): number {
  return Math.round(process.memoryUsage().rss / 2 ** 20);
}

it("a trace of 100,000 spans in several records, the last first: its summary is right", async ({ annotate }) => {
  const pipeline = await observedPipeline();
  const share = spans / records;
  const values = Array.from({ length: records }, (_, r) =>
    encodeTraces(request(...Array.from({ length: share }, (_, i) => member(r * share + i)))),
  ).reverse();

  const before = memoryMiB();
  const began = performance.now();
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, memoryMiB());
  }, 20);
  for (const value of values) await pipeline.sendBytes("huge", value);
  clearInterval(watch);
  const took = ((performance.now() - began) / 1000).toFixed(1);
  const bytes = values.reduce((sum, { length }) => sum + length, 0);
  await annotate(`${spans} spans, ${(bytes / 2 ** 20).toFixed(0)} MiB: ${took} s, RSS ${before} to ${peak} MiB`);

  expect(
    await pipeline.trace("huge", "spans, void_spans, calls, missing_parents, has_root, has_cycle, cost, duration_us"),
  ).toEqual({
    spans,
    void_spans: 0,
    calls: 90_000,
    missing_parents: 0,
    has_root: true,
    has_cycle: false,
    cost: "315",
    duration_us: String((at(spans - 1) + second) / 1000n),
  });
  const [row] = await pipeline.clickhouse.query(
    "SELECT count() AS n, uniqExact(span_id) AS ids, sum(cost) AS cost FROM spans FINAL WHERE project = 'huge'",
  );
  expect(row).toEqual({ n: String(spans), ids: String(spans), cost: "315" });
  // The records are in memory already; what the consumer adds for them is bounded.
  expect(peak - before).toBeLessThan(1500);
  await pipeline.goesOn();
  await pipeline.stop();
}, 300_000);
