import { Buffer } from "node:buffer";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runConsumer } from "../../consumer/test/pipeline/running-consumer.ts";
import { chat, minute0, request as otlp, second, span, traceIdOf } from "../../consumer/test/pipeline/spans.ts";
import { storeSpans, storeSummaries } from "../../store/test/readers/stored-trace.ts";
import { type TestApi, testNow, testQueryApi } from "./query-api.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const base = BigInt(testNow) * 1_000_000n;

const tool = {
  type: "function",
  function: {
    name: "order",
    parameters: { type: "object", properties: { id: { type: "integer" } }, required: ["id"] },
  },
};
const request = JSON.stringify({
  messages: [
    { role: "system", content: "You help Zoë. Her order is {{order_id}}." },
    { role: "user", content: "Where is it?" },
  ],
  tools: [tool],
});
const response = JSON.stringify({
  choices: [
    {
      message: {
        tool_calls: [{ id: "c1", type: "function", function: { name: "order", arguments: '{"id":"{{order_id}}"}' } }],
      },
      finish_reason: "tool_calls",
    },
  ],
});

let api: TestApi;

beforeAll(async () => {
  api = await testQueryApi();
  const call = (spanId: string, at: bigint, outcome: string, payload: Readonly<Record<string, string>>) => ({
    ...{ project: "p", traceId, spanId, start: base + at, end: base + at + 500n, payload },
    columns: { role: "model", family: "generate", fidelity: "exact", outcome },
  });
  await storeSpans(api.clickhouse, [
    call("aaaaaaaaaaaaaaaa", 0n, "ok", { request, response }),
    call("bbbbbbbbbbbbbbbb", 1000n, "truncated", { request: '{"messages":[]}' }),
  ]);
  await storeSummaries(api.clickhouse);
});

afterAll(() => api.close());

test("what is wrong with a trace is told with the bytes that show it, the severe first", async () => {
  const { status, body } = await api.get(`/v1/traces/${traceId}/diagnosis`);
  expect(status).toBe(200);
  expect(body).toMatchObject({ trace_id: traceId, spans: 2, examined: 2 });
  const found = body.findings.map(({ check, severity, span_id }: never) => [check, severity, span_id]);
  expect(found).toEqual([
    ["unfilled_variable", "error", "aaaaaaaaaaaaaaaa"],
    ["tool_arguments", "error", "aaaaaaaaaaaaaaaa"],
    ["finish_length", "warning", "bbbbbbbbbbbbbbbb"],
  ]);
  const { evidence } = body.findings[0];
  expect(evidence).toMatchObject({ field: "request", text: "{{order_id}}" });
  // Bytes, not characters: Zoë has one of two bytes.
  expect(Buffer.from(request).subarray(evidence.start, evidence.end).toString()).toBe("{{order_id}}");
  expect(body.findings[1].says).toContain('Instance type "string" is invalid. Expected "integer".');
});

test("of another project's trace nothing is told", async () => {
  const { status } = await api.get(`/v1/traces/${traceId}/diagnosis`, await api.key("q"));
  expect(status).toBe(404);
});

test("a call is slow against what its model took in the week before, and not without enough of it", async () => {
  const consumer = await runConsumer(api.clickhouse);
  const later = (at: bigint, took: bigint) => ({
    startTimeUnixNano: minute0 + at,
    endTimeUnixNano: minute0 + at + took,
  });
  await consumer.send(
    otlp(...Array.from({ length: 120 }, (_, n) => span(499, n + 1, undefined, chat(10, 5), BigInt(n) * 1000n))),
  );
  await consumer.send(otlp(span(500, 1, undefined, chat(10, 5), 0n, later(300n * second, 30n * second))));
  const rare = chat(10, 5, { "gen_ai.response.model": "gpt-4o-2024-05-13" });
  await consumer.send(otlp(span(501, 1, undefined, rare, 0n, later(300n * second, 30n * second))));
  await consumer.stop();
  const { body } = await api.get(`/v1/traces/${traceIdOf(500)}/diagnosis`);
  expect(body.findings).toMatchObject([{ check: "slow_call", severity: "warning" }]);
  expect(body.findings[0].says).toMatch(/took 30 s; of 120 calls of gpt-4o-2024-08-06 .* less than 1\.0 s/);
  const { body: unknown } = await api.get(`/v1/traces/${traceIdOf(501)}/diagnosis`);
  expect(unknown.findings).toEqual([]);
});
