import { laneOf } from "@spanhouse/schemas/lane";
import { afterAll, beforeAll, expect, test } from "vitest";
import { insertRows } from "../../store/test/readers/stored-trace.ts";
import { type TestApi, testQueryApi } from "./query-api.ts";

const traceId = "5".repeat(32);
const size = 100_000;

let api: TestApi;

beforeAll(async () => {
  api = await testQueryApi();
  const params = { trace: traceId, lane: laneOf(traceId), size };
  // Span n is below span n / 10: a root, ten children, a hundred below them.
  await api.clickhouse.command(
    `INSERT INTO spans (project, bucket, lane, trace_id, span_id, version, parent_span_id, start_time, end_time, name,
       role, usage_state, price_state, outcome, refusal, error_class)
     SELECT 'p', toDateTime('2026-11-20 11:59:00', 'UTC'), {lane:UInt8}, unhex({trace:String}),
       reinterpretAsFixedString(byteSwap(toUInt64(number))), 1, reinterpretAsFixedString(byteSwap(toUInt64(intDiv(number, 10)))),
       toDateTime64('2026-11-20 11:59:00', 9, 'UTC') + toIntervalMicrosecond(number),
       toDateTime64('2026-11-20 11:59:01', 9, 'UTC') + toIntervalMicrosecond(number), concat('span ', toString(number)),
       'other', 'none', 'none', 'ok', 'none', 'none'
     FROM numbers(1, {size:UInt64})`,
    params,
  );
  await api.clickhouse.command(
    "INSERT INTO trace_buckets VALUES ('p', unhex({trace:String}), toDateTime('2026-11-20 11:59:00', 'UTC'))",
    params,
  );
  await insertRows(api.clickhouse, "traces", [
    {
      ...{ project: "p", bucket: { sql: "toDateTime('2026-11-20 11:59:00', 'UTC')" }, trace_id: { hex: traceId } },
      ...{ rank: 1, live: true, has_root: true, spans: size, outcome: "ok", refusal: "none" },
    },
  ]);
});
afterAll(() => api.close());

test("100,000 spans come in pages that together are the tree", { timeout: 120_000 }, async () => {
  const seen = new Set<string>();
  const path: number[] = [];
  let cursor = "";
  for (;;) {
    const { status, body, bytes } = await api.get(`/v1/traces/${traceId}?limit=5000${cursor}`);
    expect(status).toBe(200);
    expect(body.tree_size).toBe(size);
    expect(body.spans.length).toBeLessThanOrEqual(5000);
    expect(bytes.length).toBeLessThan(10_000_000);
    for (const { span_id, depth, name, parent_span_id } of body.spans) {
      const number = Number.parseInt(span_id, 16);
      expect(name).toBe(`span ${number}`);
      path.length = depth;
      if (parent_span_id !== null) expect(Number.parseInt(parent_span_id, 16)).toBe(path.at(-1) ?? 0);
      path.push(number);
      seen.add(span_id);
    }
    if (body.next_cursor === null) break;
    cursor = `&cursor=${body.next_cursor}`;
  }
  expect(seen.size).toBe(size);
});

test("a cursor of another trace is none", async () => {
  const { body } = await api.get(`/v1/traces/${traceId}?limit=1`);
  const answer = await api.get(`/v1/traces/${"6".repeat(32)}?cursor=${body.next_cursor}`);
  expect(answer.body.code).toBe("INVALID_CURSOR");
});
