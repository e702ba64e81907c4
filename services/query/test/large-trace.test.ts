import { spanTableSchema } from "@spanhouse/schemas/api/spans";
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
    "INSERT INTO trace_buckets (project, trace_id, bucket) VALUES ('p', unhex({trace:String}), toDateTime('2026-11-20 11:59:00', 'UTC'))",
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

test("100,000 spans come as a table in pages that together are the tree", { timeout: 120_000 }, async () => {
  const seen = new Set<string>();
  const ids: string[] = [];
  let cursor = "";
  for (;;) {
    const { status, body, bytes } = await api.get(`/v1/traces/${traceId}/spans?limit=20000${cursor}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ tree_size: size, offset: ids.length, rows: body.columns.span_id.length });
    expect(bytes.length).toBeLessThan(3_500_000);
    const { strings, columns } = body;
    for (const [i, span_id] of columns.span_id.entries()) {
      const number = Number.parseInt(span_id, 16);
      ids.push(span_id);
      seen.add(span_id);
      if (strings[columns.name[i]] !== `span ${number}`) expect.fail(`${span_id} is ${strings[columns.name[i]]}`);
      const parent = columns.parent[i] === -1 ? 0 : Number.parseInt(ids[columns.parent[i]]!, 16);
      if (parent !== Math.floor(number / 10)) expect.fail(`${span_id} hangs on ${parent}`);
    }
    if (body.next_cursor === null) break;
    cursor = `&cursor=${body.next_cursor}`;
  }
  expect(seen.size).toBe(size);
});

test("a table is what its schema says", async () => {
  const { body } = await api.get(`/v1/traces/${traceId}/spans?limit=100`);
  expect(spanTableSchema.parse(body)).toEqual(body);
});

test("the tree comes in pages too", async () => {
  const { body } = await api.get(`/v1/traces/${traceId}?limit=3`);
  expect(body.spans.map(({ name, depth }: { name: string; depth: number }) => [name, depth])).toEqual([
    ...[1, 10, 100].map((number, depth) => [`span ${number}`, depth + 1]),
  ]);
  const next = await api.get(`/v1/traces/${traceId}?limit=1&cursor=${body.next_cursor}`);
  expect(next.body.spans[0]).toMatchObject({ name: "span 1000", depth: 4 });
});

test("a cursor of another trace is none", async () => {
  const { body } = await api.get(`/v1/traces/${traceId}?limit=1`);
  const answer = await api.get(`/v1/traces/${"6".repeat(32)}?cursor=${body.next_cursor}`);
  expect(answer.body.code).toBe("INVALID_CURSOR");
});
