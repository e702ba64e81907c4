import { context } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { installationAttribute } from "@spanhouse/schemas/own-telemetry";
import { installationId } from "@spanhouse/store/installation";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type TestClickHouse, testClickHouse } from "../../../store/test/test-clickhouse.ts";
import { runConsumer } from "./running-consumer.ts";
import { attributes, chat, request, span } from "./spans.ts";

const patient = { timeout: 20_000, interval: 100 };
let store: TestClickHouse;
beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  store = await testClickHouse();
});
afterAll(async () => {
  context.disable();
  await store.drop();
});

it("spans of this Spanhouse about itself that come past the gateway are set aside, and nothing is told of it", async () => {
  const exporter = new InMemorySpanExporter();
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer("test");
  const own = await installationId(store.clickhouse, new AbortController().signal);
  const { resourceSpans = [] } = request(span(2, 1, undefined, chat(10, 1)));
  const resource = { attributes: attributes({ [installationAttribute]: own }) };
  const aboutItself = { resourceSpans: resourceSpans.map((one) => ({ ...one, resource })) };
  const consumer = await runConsumer(store.clickhouse, tracer);
  await consumer.send(request(span(1, 1, undefined, chat(1000, 100))));
  expect(exporter.getFinishedSpans().map(({ name }) => name)).toContain("store batch");

  // Which Spanhouse it is, it asks in the background: what comes before it knows is a span like any other.
  await vi.waitFor(async () => {
    exporter.reset();
    await consumer.send(aboutItself);
    const codes = await store.clickhouse.queryRows("SELECT DISTINCT code FROM dead_letters");
    expect(codes).toEqual([["OWN_TELEMETRY"]]);
  }, patient);
  await consumer.send(aboutItself);
  expect(exporter.getFinishedSpans().map(({ name }) => name)).not.toContain("store batch");
  await consumer.stop();
});
