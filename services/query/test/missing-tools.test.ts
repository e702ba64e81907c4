import { bucketOf } from "@spanhouse/schemas/bucket";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { EncodedSpans } from "@spanhouse/store/spans/encoded-spans";
import { createSpanWriter } from "@spanhouse/store/spans/span-writer";
import { versionedSpan } from "@spanhouse/store/spans/versioned-span";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDeriver } from "../../consumer/src/derive/derive-span.ts";
import { createGenaiPrices } from "../../consumer/src/derive/price/genai-prices.ts";
import { storeSummaries } from "../../store/test/readers/stored-trace.ts";
import { type TestApi, testNow, testQueryApi } from "./query-api.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const base = BigInt(testNow) * 1_000_000n;

const chat = (request: unknown, response: unknown) => ({
  "gen_ai.operation.name": "chat",
  "spanhouse.request": JSON.stringify(request),
  "spanhouse.response": JSON.stringify(response),
});
const toolCall = (id: string, name: string) => ({ id, type: "function", function: { name, arguments: "{}" } });

/** An answer that calls three tools; two have a span, and the result of one of these never comes back. */
const spans: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  [
    "aaaaaaaaaaaaaaaa",
    chat(
      { messages: [{ role: "user", content: "How warm is it, and what time?" }] },
      {
        choices: [
          {
            message: { tool_calls: [toolCall("c1", "weather"), toolCall("c2", "clock"), toolCall("c3", "audit")] },
            finish_reason: "tool_calls",
          },
        ],
      },
    ),
  ],
  [
    "bbbbbbbbbbbbbbbb",
    { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "weather", "gen_ai.tool.call.id": "c1" },
  ],
  [
    "cccccccccccccccc",
    { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "audit", "gen_ai.tool.call.id": "c3" },
  ],
  [
    "dddddddddddddddd",
    chat(
      {
        messages: [
          { role: "tool", tool_call_id: "c1", content: "4 °C" },
          { role: "tool", tool_call_id: "c2", content: "12:00" },
        ],
      },
      { choices: [{ message: { content: "4 °C at noon." }, finish_reason: "stop" }] },
    ),
  ],
];

let api: TestApi;

beforeAll(async () => {
  api = await testQueryApi();
  const derive = createDeriver({ priceBook: await createGenaiPrices() });
  const sent = spans.map(([spanId, attributes], i) => ({
    traceId,
    spanId,
    name: "span",
    startTimeUnixNano: base + BigInt(i) * 1000n,
    endTimeUnixNano: base + BigInt(i) * 1000n + 500n,
    attributes: Object.entries(attributes).map(([key, value]) => ({
      key,
      value: { type: "string" as const, value },
    })),
  }));
  const decoded = decodeTraces(encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans: sent }] }] }));
  if (decoded.kind === "failed") throw new Error(decoded.message);
  const writer = createSpanWriter(api.clickhouse);
  await writer.writeBuckets([{ project: "p", traceId, bucket: bucketOf(base) }], 1n);
  const encoded = new EncodedSpans();
  const rows = decoded.traces.spans.map((span) => encoded.add(versionedSpan(span, derive(span, "p"), 1n)));
  await writer.writeSpans(encoded, rows, (unmarked) => unmarked);
  await storeSummaries(api.clickhouse);
});

afterAll(() => api.close());

test("tools that a trace should show are told by what its calls asked for and were given", async () => {
  const { status, body } = await api.get(`/v1/traces/${traceId}/missing-tools`);
  expect(status).toBe(200);
  expect(body.missing).toEqual([
    { kind: "tool_span", span_id: "aaaaaaaaaaaaaaaa", tool_name: "clock", tool_call_id: "c2", returned: true },
    { kind: "tool_result", span_id: "cccccccccccccccc", tool_name: "audit", tool_call_id: "c3" },
  ]);
});

test("of another project's trace nothing is told", async () => {
  const { status } = await api.get(`/v1/traces/${traceId}/missing-tools`, await api.key("q"));
  expect(status).toBe(404);
});
