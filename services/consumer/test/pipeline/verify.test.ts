import { rangeCondition } from "@spanhouse/store/slices/slice-check";
import { sliceKindNames } from "@spanhouse/store/slices/slices";
import { spanColumns } from "@spanhouse/store/spans/span-columns";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestClickHouse } from "../../../store/test/test-clickhouse.ts";
import { testClickHouse } from "../../../store/test/test-clickhouse.ts";
import { rebuild } from "../../src/maintenance/rebuild.ts";
import { type Difference, verify } from "../../src/maintenance/verify.ts";
import { runConsumer } from "./running-consumer.ts";
import { agent, chat, request, span, traceIdOf } from "./spans.ts";

let store: TestClickHouse;

const all = { project: undefined, from: 0, to: 2 ** 31 / 60 };
const { signal } = new AbortController();

async function differences(): Promise<Difference[]> {
  const found: Difference[] = [];
  const again = { times: 0, delayMs: 0 };
  for await (const stretch of verify({ clickhouse: store.clickhouse, range: all, again, signal })) {
    expect(stretch.traces).toBeGreaterThan(0);
    found.push(...stretch.differences);
  }
  return found;
}

async function rebuildAll(): Promise<void> {
  for await (const stretch of rebuild({ clickhouse: store.clickhouse, range: all, signal })) {
    expect(stretch.slices).toBeGreaterThan(0);
  }
}

const tool = { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search" };
const minute = 60_000_000_000n;

beforeAll(async () => {
  store = await testClickHouse();
  const consumer = await runConsumer(store.clickhouse);
  // A wrapper that repeats its call's usage, and calls that end minutes and hours apart.
  const usage = { "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5 };
  const traces = Array.from({ length: 20 }, (_, i) => BigInt(i + 1)).map((n) => [
    span(Number(n), 1, undefined, { ...agent({ "user.id": `u${n % 3n}` }), ...usage }, 200n * minute),
    span(Number(n), 2, 1, chat(10, 5, { "user.id": `u${n % 3n}` }), n * minute),
    span(Number(n), 3, 1, tool, n * 5n * minute),
    span(Number(n), 4, 3, chat(7, 1), n * 7n * minute),
  ]);
  for (const some of [traces.slice(0, 10), traces.slice(10)]) await consumer.send(request(...some.flat()));
  await consumer.stop();
}, 60_000);

afterAll(async () => {
  await store?.drop();
});

const oneSlice = (kind: string) =>
  `(bucket, lane) = (SELECT bucket, lane FROM rollup_minute WHERE kind = '${kind}' AND length(calls) > 0 ORDER BY bucket LIMIT 1)`;
const wrongSum = (table: string, column: string) =>
  `INSERT INTO ${table} SELECT * REPLACE (arrayMap(x -> x * 2, ${column}) AS ${column}) FROM ${table} FINAL
   WHERE kind = 'spend' AND arraySum(${column}) > 0 ORDER BY bucket DESC LIMIT 1`;

/** Statements after which something that is stored is wrong, and what verifying says of it. */
const damages: readonly [string, Partial<Difference>][] = [
  [`DELETE FROM traces WHERE live AND trace_id = unhex('${traceIdOf(3)}')`, { what: "summary", traceId: traceIdOf(3) }],
  // Another sum under the same rank.
  [
    `INSERT INTO traces SELECT * REPLACE (cost + 0.000000000001 AS cost) FROM traces FINAL WHERE live AND trace_id = unhex('${traceIdOf(4)}')`,
    { what: "summary", traceId: traceIdOf(4) },
  ],
  [
    `DELETE FROM traces WHERE NOT live AND trace_id = unhex('${traceIdOf(5)}')`,
    { what: "tombstone", traceId: traceIdOf(5) },
  ],
  ...sliceKindNames
    .filter((kind) => kind !== "spend")
    .map((kind): [string, Partial<Difference>] => [
      `DELETE FROM rollup_minute WHERE kind = '${kind}' AND ${oneSlice(kind)}`,
      { what: "slice", grain: "minute", kind, difference: "missing" },
    ]),
  [wrongSum("rollup_minute", "cost"), { what: "slice", grain: "minute", kind: "spend", difference: "content" }],
  [wrongSum("rollup_hour", "calls"), { what: "slice", grain: "hour", kind: "spend", difference: "content" }],
  [wrongSum("rollup_day", "input_tokens"), { what: "slice", grain: "day", kind: "spend", difference: "content" }],
];

test("what the consumer stored is what its spans say; what is damaged is told; a rebuild mends it", async () => {
  expect(await differences()).toEqual([]);

  for (const [statement] of damages) await store.clickhouse.command(statement, {}, { mutations_sync: "2" });
  const found = await differences();
  for (const [, expected] of damages) expect(found).toContainEqual(expect.objectContaining(expected));
  const traces = found.flatMap((one) => (one.what === "slice" ? [] : [`${one.what} ${one.traceId.slice(-1)}`]));
  expect(traces.sort()).toEqual(["summary 3", "summary 4", "tombstone 5"]);

  await rebuildAll();
  expect(await differences()).toEqual([]);
}, 60_000);

test("spans that nobody rolled up, as after a crash, are told; a rebuild finds them", async () => {
  const copied = spanColumns.filter((column) => column !== "trace_id").join(", ");
  await store.clickhouse.command(
    `INSERT INTO spans (trace_id, ${copied}) SELECT unhex('${traceIdOf(99)}'), ${copied} FROM spans FINAL WHERE trace_id = unhex('${traceIdOf(2)}')`,
  );
  const found = await differences();
  expect(found).toContainEqual({ what: "buckets", project: "p", traceId: traceIdOf(99) });
  expect(found.some(({ what }) => what === "slice")).toBe(true);

  await rebuildAll();
  expect(await differences()).toEqual([]);
});

test("a range of nothing is a condition like any other", () => {
  expect(rangeCondition({ project: "it's", from: 1, to: 2 })).toBe(
    "project = 'it\\'s' AND bucket >= 60 AND bucket < 120",
  );
});
