import { afterEach, beforeEach, expect, it } from "vitest";
import type { TestClickHouse } from "../../../store/test/test-clickhouse.ts";
import { testClickHouse } from "../../../store/test/test-clickhouse.ts";
import type { RunningConsumer } from "./running-consumer.ts";
import { runConsumer } from "./running-consumer.ts";
import { agent, chat, request, span, traceIdOf } from "./spans.ts";

let store: TestClickHouse;
let consumer: RunningConsumer;

beforeEach(async () => {
  store = await testClickHouse();
  consumer = await runConsumer(store.clickhouse);
});

afterEach(async () => {
  await consumer.stop().catch(() => undefined);
  await store.drop();
});

const wholeRange = "from = toDateTime('2026-10-01', 'UTC'), to = toDateTime('2026-11-01', 'UTC')";

async function spendBy(grain: string) {
  return store.clickhouse.query(
    `SELECT project, response_model, sum(calls) AS calls, sum(cost) AS cost, sum(input_tokens) AS input
     FROM spend(${wholeRange}, grain = '${grain}') GROUP BY ALL ORDER BY ALL`,
  );
}

it("stores a priced trace, its summary and its rollups at every grain", async () => {
  await consumer.send(request(span(1, 1, undefined, agent({ "user.id": "u1" })), span(1, 2, 1, chat(1000, 100))));
  await consumer.stop();

  expect(
    await store.clickhouse.query(
      "SELECT operation, usage_state, cost, price_state, lane FROM spans FINAL ORDER BY span_id",
    ),
  ).toEqual([
    { operation: "invoke_agent", usage_state: "none", cost: "0", price_state: "none", lane: expect.any(Number) },
    { operation: "chat", usage_state: "exact", cost: "0.0035", price_state: "priced", lane: expect.any(Number) },
  ]);
  expect(
    await store.clickhouse.query(
      "SELECT lower(hex(trace_id)) AS id, spans, calls, cost, user_id, has_root, name FROM traces FINAL WHERE live",
    ),
  ).toEqual([
    { id: traceIdOf(1), spans: 2, calls: 1, cost: "0.0035", user_id: "u1", has_root: true, name: "invoke_agent" },
  ]);
  const spend = [{ project: "p", response_model: "gpt-4o-2024-08-06", calls: "1", cost: "0.0035", input: "1000" }];
  expect(await spendBy("minute")).toEqual(spend);
  expect(await spendBy("hour")).toEqual(spend);
  expect(await spendBy("day")).toEqual(spend);
  expect(await store.clickhouse.query("SELECT count() AS n FROM rollup_day FINAL WHERE kind = 'spend'")).toEqual([
    { n: "1" },
  ]);
});
