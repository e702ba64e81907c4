import { Buffer } from "node:buffer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { insertRows, storeSpans, storeSummaries } from "../../store/test/readers/stored-trace.ts";
import { type TestApi, testNow, testQueryApi } from "./query-api.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const root = "00f067aa0ba902b7";
const call = "00f067aa0ba902b8";
const base = BigInt(testNow) * 1_000_000n;
/** Not UTF-8, and with what an SQL or JSON escape would change. */
const requestBytes = Buffer.concat([
  Buffer.from('{"a":"\\u0000\'\\n'),
  Buffer.from([0, 0xff, 0xc3, 0x28, 0x0a]),
  Buffer.from('"}'),
]);

let api: TestApi;

beforeAll(async () => {
  api = await testQueryApi();
  await storeSpans(api.clickhouse, [
    {
      project: "p",
      traceId,
      spanId: root,
      start: base,
      end: base + 2_000_000_001n,
      columns: { name: "agent", role: "wrapper" },
    },
    {
      project: "p",
      traceId,
      spanId: call,
      parentSpanId: root,
      start: base - 1_500_000n,
      end: base + 1_000_000_000n,
      columns: {
        name: "chat gpt-5",
        role: "model",
        request_model: "gpt-5",
        usage_state: "exact",
        input_tokens: 10,
        price_state: "priced",
        cost: { sql: "toDecimal64('0.000012500000', 12)" },
        ...{ price_source: "genai-prices", price_version: "0.1.8", price_rule: "openai/gpt-5" },
        units: { sql: "map('web_searches', 2)" },
        mapped_ownership: 5,
        fidelity: "exact",
        flags: 1 << 3,
        time_to_first_chunk_us: 1200,
      },
      payload: {
        request: { hex: requestBytes.toString("hex") },
        response: '{"ok":true}',
        attributes: { sql: "map('2', 'x', '1', '9007199254740993', 'b', 'true', 'list', '[1,\"a\"]')" },
        attribute_types: "siba",
        events: '[{"timeUnixNano":"1795176030000000001","name":"exception","attributes":{"type":"E"}}]',
        links: "",
      },
    },
  ]);
  await storeSummaries(api.clickhouse);
});

afterAll(() => api.close());

describe("a trace", () => {
  test("is its summary and its tree", async () => {
    const { status, body } = await api.get(`/v1/traces/${traceId}`);
    expect(status).toBe(200);
    expect(body.trace).toMatchObject({
      trace_id: traceId,
      state: "complete",
      root_span_id: root,
      name: "agent",
      end_time: "2026-11-20T12:00:32.000000001Z",
      spans: 2,
      cost: "0.000012500000",
    });
    expect(body).toMatchObject({ synthetic_root: false, tree_size: 2, next_cursor: null });
    expect(body.spans).toMatchObject([
      { span_id: root, parent_span_id: null, depth: 0, children: 1, descendants: 1, starts_before_parent_us: 0 },
      {
        span_id: call,
        parent_span_id: root,
        depth: 1,
        input_tokens: 10,
        cost: "0.000012500000",
        starts_before_parent_us: 1500,
        flags: ["invalidUsage"],
        start_time: "2026-11-20T12:00:29.998500000Z",
      },
    ]);
  });

  test("of another project is not there", async () => {
    const other = await api.key("q");
    for (const path of ["", `/spans/${call}`, `/spans/${call}/request`]) {
      const { status, body, headers } = await api.get(`/v1/traces/${traceId}${path}`, other);
      expect({ status, code: body.code }).toEqual({ status: 404, code: "NOT_FOUND" });
      expect(headers["content-type"]).toBe("application/problem+json");
    }
  });

  test("with a span announced and not ended is open, and shows it", async () => {
    const id = "11111111111111111111111111111111";
    const [ended, running] = ["1111111111111111", "2222222222222222"] as const;
    await storeSpans(api.clickhouse, [
      { project: "p", traceId: id, spanId: ended, parentSpanId: running, start: base, end: base + 1000n },
    ]);
    await storeSummaries(api.clickhouse);
    const announce = async (spanId: string) =>
      insertRows(api.clickhouse, "open_spans", [
        {
          project: "p",
          trace_id: { hex: id },
          span_id: { hex: spanId },
          version: 1,
          start_time: { sql: `fromUnixTimestamp64Nano(${base - 5n}, 'UTC')` },
          name: "agent",
          role: "wrapper",
        },
      ]);
    expect((await api.get(`/v1/traces/${id}`)).body.trace).toMatchObject({ state: "partial", missing_parents: 1 });
    await announce(ended);
    expect((await api.get(`/v1/traces/${id}`)).body.trace.state).toBe("partial");
    await announce(running);
    const { body } = await api.get(`/v1/traces/${id}`);
    expect(body.trace).toMatchObject({ state: "open", open_spans: 1 });
    expect(body.synthetic_root).toBe(false);
    expect(body.spans).toMatchObject([
      { span_id: running, open: true, end_time: null, outcome: null, children: 1 },
      { span_id: ended, open: false, depth: 1, orphan: false },
    ]);
    const listed = (await api.get("/v1/traces")).body.traces;
    expect(listed.find((trace: { trace_id: string }) => trace.trace_id === id).state).toBe("open");
  });

  test("of which nothing has ended is open", async () => {
    const id = "33333333333333333333333333333333";
    await insertRows(api.clickhouse, "open_spans", [
      {
        project: "p",
        trace_id: { hex: id },
        span_id: { hex: root },
        version: 1,
        start_time: { sql: "now64(9)" },
        name: "hangs",
        role: "model",
      },
    ]);
    const { body } = await api.get(`/v1/traces/${id}`);
    expect(body.trace).toMatchObject({ state: "open", name: "hangs", end_time: null, outcome: null });
    expect(body.spans).toMatchObject([{ span_id: root, open: true }]);
  });

  test("shows a span that came twice once, the row that is not void", async () => {
    const id = "44444444444444444444444444444444";
    const twice = { project: "p", traceId: id, spanId: root, start: base };
    await storeSpans(api.clickhouse, [
      { ...twice, end: base + 1n, version: 5n | (1n << 22n), columns: { name: "stands" } },
      { ...twice, end: base + 120_000_000_000n, version: 9n | (1n << 23n), columns: { name: "superseded" } },
    ]);
    await storeSummaries(api.clickhouse);
    expect((await api.get(`/v1/traces/${id}`)).body.spans).toMatchObject([
      { name: "stands", void: false, aggregate: true },
    ]);
    expect((await api.get(`/v1/traces/${id}/spans/${root}`)).body).toMatchObject({ name: "stands" });
  });

  test("says which parameter is wrong", async () => {
    for (const [path, named] of [
      ["xyz", "trace_id"],
      [`${traceId}?limit=5001`, "limit"],
      [`${traceId}?limit=many`, "limit"],
      [`${traceId}?depth=3`, "depth"],
      [`${traceId}/spans/xyz`, "span_id"],
    ]) {
      const { status, body } = await api.get(`/v1/traces/${path}`);
      expect({ status, code: body.code }).toEqual({ status: 400, code: "INVALID_PARAMETER" });
      expect(body.detail).toContain(named);
    }
  });
});

describe("a span", () => {
  test("is everything that is stored of it", async () => {
    const { status, body } = await api.get(`/v1/traces/${traceId}/spans/${call}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      trace_id: traceId,
      span_id: call,
      time_to_first_chunk_us: 1200,
      units: { web_searches: 2 },
      ...{ estimated_usage: null, owned_by_rule: ["team", "feature"] },
      ...{ price_source: "genai-prices", price_version: "0.1.8", price_rule: "openai/gpt-5", price_state: "priced" },
      version: "0000000000000001",
      fidelity: "exact",
      response: '{"ok":true}',
      tool_result: null,
      text_bytes: { request: requestBytes.length, response: 11, tool_arguments: 0, tool_result: 0 },
      events: [{ time: "2026-11-20T12:00:30.000000001Z", name: "exception", attributes: { type: "E" } }],
      links: [],
    });
    expect(body.attributes).toEqual([
      { key: "2", type: "string", value: "x" },
      { key: "1", type: "int", value: "9007199254740993" },
      { key: "b", type: "bool", value: true },
      { key: "list", type: "array", value: [1, "a"] },
    ]);
    expect(body.request).toBe(requestBytes.toString("utf8"));
  });

  test("without a payload still tells what the row tells", async () => {
    const { body } = await api.get(`/v1/traces/${traceId}/spans/${root}`);
    expect(body).toMatchObject({ name: "agent", request: null, attributes: [] });
  });

  test("gives its texts byte for byte", async () => {
    const request = await api.get(`/v1/traces/${traceId}/spans/${call}/request`);
    expect(request.bytes.equals(requestBytes)).toBe(true);
    expect(request.headers).toMatchObject({
      "content-type": "application/octet-stream",
      "x-content-type-options": "nosniff",
    });
    const response = await api.get(`/v1/traces/${traceId}/spans/${call}/response`);
    expect(response.bytes.toString()).toBe('{"ok":true}');
    expect(response.headers["content-type"]).toBe("application/json");
    const missing = await api.get(`/v1/traces/${traceId}/spans/${call}/tool_result`);
    expect({ status: missing.status, code: missing.body.code }).toEqual({ status: 404, code: "NOT_FOUND" });
  });
});

test("the tries of a call come with the waits between them", async () => {
  const tried = "7".repeat(32);
  const attempt = (span: number, number: number, startMs: bigint, columns: Record<string, string> = {}) => ({
    ...{ project: "p", traceId: tried, spanId: span.toString(16).padStart(16, "0"), parentSpanId: root },
    ...{ start: base + startMs * 1_000_000n, end: base + (startMs + 100n) * 1_000_000n },
    columns: {
      role: "model",
      operation: "chat",
      request_model: "gpt-5",
      attempt: number,
      outcome: "error",
      ...columns,
    },
  });
  await storeSpans(api.clickhouse, [
    attempt(1, 1, 0n, { outcome: "ok" }),
    attempt(2, 1, 1000n, { error_class: "rate_limit" }),
    attempt(3, 2, 1600n),
    attempt(4, 3, 2700n, { outcome: "ok" }),
    attempt(5, 2, 2800n, { request_model: "other" }),
    attempt(6, 1, 5000n, { outcome: "ok" }),
  ]);
  for (const asked of [2, 3, 4]) {
    const { status, body } = await api.get(`/v1/traces/${tried}/spans/${asked.toString(16).padStart(16, "0")}/tries`);
    expect(status).toBe(200);
    expect(
      body.tries.map(({ attempt: number, wait_us, outcome }: Record<string, unknown>) => [number, wait_us, outcome]),
    ).toEqual([
      ...[
        [1, null, "error"],
        [2, 500_000, "error"],
        [3, 1_000_000, "ok"],
      ],
    ]);
  }
  expect((await api.get(`/v1/traces/${tried}/spans/${root}/tries`)).body.code).toBe("NOT_FOUND");
});
