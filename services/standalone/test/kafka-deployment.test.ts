import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { encodeJson } from "@spanhouse/schemas/otlp/json";
import type { ExportTraceServiceRequest } from "@spanhouse/schemas/otlp/model";
import { afterAll, beforeAll, expect, test } from "vitest";
import { episodes } from "../src/demo/conversations.ts";
import { runDemo } from "../src/demo/run-demo.ts";
import { type RecordedTrace, rebatched, recordedTraces } from "./demo-fixtures.ts";
import { type KafkaDeployment, openKafkaDeployment, type RunningService } from "./kafka-deployment.ts";
import { picoDollars, sumOfMoney } from "./money.ts";
import { type QueryClient, queryClient } from "./query-client.ts";
import { answeredOutline, expectServedCalls, outline } from "./served-calls.ts";

let deployment: KafkaDeployment;
let gateway: RunningService;
let consumer: RunningService;
let queryService: RunningService;
let apiKey: string;
let query: QueryClient;
/** Of records that carry no project. */
let collectorQuery: QueryClient;

beforeAll(async () => {
  deployment = await openKafkaDeployment("from-collector");
  const created = JSON.parse(await deployment.command("keys", "create", "--project", "shop", "--label", "test"));
  apiKey = created.key;
  const collector = JSON.parse(
    await deployment.command("keys", "create", "--project", "from-collector", "--scope", "read"),
  );
  [gateway, consumer, queryService] = await Promise.all([
    deployment.start("gateway"),
    deployment.start("consumer"),
    deployment.start("query"),
  ]);
  query = queryClient(queryService.url, apiKey);
  collectorQuery = queryClient(queryService.url, collector.key);
});

afterAll(async () => {
  await deployment?.close();
});

async function stored(client: QueryClient, traceId: string, spans: number): Promise<void> {
  await expect
    .poll(async () => (await client.trace(traceId).catch(() => undefined))?.trace.spans, {
      timeout: 30_000,
      interval: 200,
    })
    .toBe(spans);
}

const spansIn = ({ resourceSpans }: ExportTraceServiceRequest) =>
  resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));

test("every service says that it lives, is ready and what it did", async () => {
  for (const { url } of [gateway, consumer, queryService]) {
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    await expect.poll(async () => (await fetch(`${url}/health/ready`)).status, { timeout: 20_000 }).toBe(200);
    const metrics = await fetch(`${url}/metrics`);
    expect(metrics.headers.get("content-type")).toContain("text/plain");
    expect(await metrics.text()).toMatch(/^process_cpu_seconds_total /m);
  }
});

test("the demonstration through the gateway comes back nested and priced, as the provider served it", async () => {
  const simulator = await startProviderSimulator();
  const ends: number[] = [];
  const { traceIds } = await runDemo({
    ...{ url: gateway.url, apiKey, simulatorUrl: simulator.url, conversations: episodes.length, pace: 0 },
    onTrace: () => ends.push(simulator.requests().length),
  });
  const served = simulator.requests();
  await simulator.stop();

  for (const [i, traceId] of traceIds.entries()) {
    const root = "invoke_agent support-agent";
    await expect
      .poll(async () => (await query.trace(traceId).catch(() => undefined))?.trace, { timeout: 30_000, interval: 200 })
      .toMatchObject({ state: "complete", name: root });
    await expectServedCalls(query, traceId, served.slice(ends[i - 1] ?? 0, ends[i]));
  }
  expect(outline((await query.trace(traceIds[0]!)).spans)).toEqual(answeredOutline);
  const traces = await query.traces();
  expect(traces.map(({ trace_id }) => trace_id).sort()).toEqual([...traceIds].sort());
  await expect
    .poll(async () => {
      const [group] = (await query.metrics({ measures: "cost,calls" })).groups;
      return { cost: picoDollars(String(group?.totals.cost ?? "0")), calls: group?.totals.calls };
    })
    .toEqual({
      cost: sumOfMoney(traces.map(({ cost }) => cost)),
      calls: traces.reduce((sum, { calls }) => sum + calls, 0),
    });
}, 90_000);

const encodings = {
  otlp_proto: encodeTraces,
  otlp_json: (request: ExportTraceServiceRequest) => Buffer.from(encodeJson(request)),
} as const;

async function expectTruth(traces: readonly RecordedTrace[]): Promise<void> {
  for (const { name, traceId, request, truth } of traces) {
    const spans = spansIn(request);
    await stored(collectorQuery, traceId, spans.length);
    await expectServedCalls(collectorQuery, traceId, truth);
    const { trace, spans: tree } = await collectorQuery.trace(traceId);
    expect(trace, name).toMatchObject({ state: "complete", missing_parents: 0, name: "invoke_agent support-agent" });
    const parents = new Map(spans.map(({ spanId, parentSpanId }) => [spanId, parentSpanId || null]));
    expect(new Map(tree.map(({ span_id, parent_span_id }) => [span_id, parent_span_id])), name).toEqual(parents);
  }
}

test.each(Object.entries(encodings))(
  "a Collector's records, %s: no key, no headers, parts of all traces in each",
  async (_, encode) => {
    const traces = recordedTraces();
    const records = rebatched(
      traces.map(({ request }) => request),
      3,
    );
    await deployment.produce(records.map((request) => ({ value: encode(request) })));
    await expectTruth(traces);
  },
  60_000,
);

test.each(Object.entries(encodings))(
  "a Collector's records, %s, partition_traces_by_id: one trace under its hex id",
  async (_, encode) => {
    const traces = recordedTraces();
    await deployment.produce(traces.map(({ traceId, request }) => ({ key: traceId, value: encode(request) })));
    await expectTruth(traces);
  },
  60_000,
);

test("a record that came broken waits as a dead letter, is repaired, replayed, and waits no longer", async () => {
  const [trace] = recordedTraces();
  const whole = encodeTraces(trace!.request);
  const junk = Uint8Array.of(0x0a, 0x05, 0x01);
  await deployment.produce([{ value: whole.subarray(0, whole.length - 7) }, { value: junk }]);
  const letters = async () =>
    (await deployment.command("dlq", "list", "--json"))
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { id: string; code: string; bytes: number });
  await expect.poll(async () => (await letters()).length, { timeout: 30_000 }).toBe(2);
  const [broken, dropped] = (await letters()).sort((a, b) => b.bytes - a.bytes);
  expect([broken, dropped]).toMatchObject([
    { code: "OTLP_TRUNCATED", bytes: whole.length - 7 },
    { code: "OTLP_TRUNCATED" },
  ]);
  expect(await deployment.command("dlq", "list")).toMatch(/^ID +WRITTEN .*MESSAGE\n(?:.*OTLP_TRUNCATED.*\n){2}$/);

  const folder = mkdtempSync(join(tmpdir(), "spanhouse-dlq-"));
  const file = join(folder, "letter");
  const shown = JSON.parse(await deployment.command("dlq", "show", broken!.id, "--out", file));
  expect(shown).toMatchObject({ id: broken!.id, project: "from-collector", stage: "read" });
  expect(readFileSync(file)).toEqual(Buffer.from(whole.subarray(0, whole.length - 7)));

  // As it is, it fails again, and is a letter again.
  expect(await deployment.command("dlq", "replay", broken!.id)).toBe(`${broken!.id} replayed\n`);
  await expect
    .poll(async () => (await letters()).map(({ bytes }) => bytes).sort(), { timeout: 30_000 })
    .toEqual([junk.length, whole.length - 7].sort());
  const again = (await letters()).find(({ bytes }) => bytes > junk.length)!;
  expect(again.id).not.toBe(broken!.id);

  writeFileSync(file, whole);
  await deployment.command("dlq", "replay", again.id, "--value", file);
  rmSync(folder, { recursive: true });
  await expectTruth([trace!]);
  expect(await deployment.command("dlq", "drop", "--all", "--code", "OTLP_TRUNCATED")).toBe(`${dropped!.id} dropped\n`);
  expect(await deployment.command("dlq", "list")).toBe("No letter waits.\n");
}, 90_000);

test("SIGTERM of a consumer commits all it read; its successor reads nothing twice", async () => {
  const readBy = async ({ url }: RunningService) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(/^spanhouse_consumer_records_total (\d+)/m.exec(text)?.[1] ?? 0);
  };
  const [last] = recordedTraces();
  await deployment.produce([{ value: encodeTraces(last!.request) }]);
  await stored(collectorQuery, last!.traceId, spansIn(last!.request).length);
  const before = await deployment.offsets();
  expect(await readBy(consumer)).toBe(Number(before.end));
  consumer.process.signal("SIGTERM");
  expect(await consumer.process.ended, consumer.process.output()).toBe(0);
  expect(await deployment.offsets()).toEqual({ end: before.end, committed: before.end });

  const successor = await deployment.start("consumer");
  const [next] = recordedTraces();
  await deployment.produce([{ value: encodeTraces(next!.request) }]);
  await expectTruth([next!]);
  expect(await readBy(successor)).toBe(1);
  consumer = successor;
}, 60_000);

test("every aggregate is what the spans say, and every position what the log says", async () => {
  const said = await deployment.command("verify");
  expect(said).toMatch(/^[1-9]\d* traces: 0 differences$/m);
  expect(said).toMatch(/^partition 0: rolled up to (\d+), committed \1, log ends at \1, lag 0$/m);
}, 60_000);

test("each service leaves with 0 when told", async () => {
  for (const { process } of [gateway, consumer, queryService]) {
    process.signal("SIGTERM");
    expect(await process.ended, process.output()).toBe(0);
  }
}, 60_000);
