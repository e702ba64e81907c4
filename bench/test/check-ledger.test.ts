import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunningConsumer } from "../../services/consumer/test/pipeline/running-consumer.ts";
import { runConsumer } from "../../services/consumer/test/pipeline/running-consumer.ts";
import { type TestClickHouse, testClickHouse } from "../../services/store/test/test-clickhouse.ts";
import { compare } from "../src/check/differences.ts";
import { runTraffic } from "../src/generator/run-traffic.ts";
import type { Ledger } from "../src/ledger/ledger.ts";
import { exportsOf, type Outlet } from "../src/outlets/outlet.ts";

/** Ends about now: some hours and a day are closed and folded, others still open. */
const traffic = {
  seed: 7,
  traces: 300,
  startMs: Date.now() - 30 * 3_600_000,
  hours: 30,
  projects: ["default", "other"],
};

let store: TestClickHouse;
let ledger: Ledger;

beforeAll(async () => {
  store = await testClickHouse();
  const consumer = await runConsumer(store.clickhouse);
  ({ ledger } = await runTraffic(outletTo(consumer), traffic));
  await consumer.stop();
});

afterAll(() => store.drop());

function outletTo(consumer: RunningConsumer): Outlet {
  return {
    async send(deliveries) {
      await Promise.all(exportsOf(deliveries).map(({ request, project }) => consumer.send(request, project)));
    },
    close: () => Promise.resolve(),
  };
}

async function differences() {
  return (await compare(ledger, store.clickhouse)).differences;
}

it("finds no difference after a true run", async () => {
  const comparison = await compare(ledger, store.clickhouse);
  expect(comparison.differences).toEqual([]);
  expect(comparison.compared).toBeGreaterThan(10_000);
});

describe("what must not pass", () => {
  /** Runs SQL against one table, compares, and puts the table back as it was. */
  async function placesThatDifferAfter(table: string, sql: string): Promise<string[]> {
    const { clickhouse } = store;
    await clickhouse.command(`CREATE TABLE spare CLONE AS ${table}`);
    try {
      await clickhouse.command(sql, {}, { mutations_sync: "2" });
      return (await differences()).map(({ place }) => place);
    } finally {
      await clickhouse.command(`TRUNCATE TABLE ${table}`);
      await clickhouse.command(`INSERT INTO ${table} SELECT * FROM spare`);
      await clickhouse.command("DROP TABLE spare SYNC");
    }
  }

  /** One row, the same one each time. */
  const one = (table: string, where: string, key: string) =>
    `(${key}) IN (SELECT ${key} FROM ${table} FINAL WHERE ${where} ORDER BY ${key} LIMIT 1)`;
  const priced = one("spans", "cost > 0 AND NOT void AND NOT aggregate", "trace_id, span_id, bucket");
  const slice = one("rollup_minute", "kind = 'spend' AND arraySum(cost) > 0", "project, kind, bucket, lane");

  it.each([
    {
      what: "a row doubled under another span id",
      table: "spans",
      sql: `INSERT INTO spans SELECT * REPLACE (reverse(span_id) AS span_id) FROM (SELECT * FROM spans FINAL WHERE ${priced})`,
      place: /^spans project "default" rows$/,
    },
    {
      what: "a row lost",
      table: "spans",
      sql: `ALTER TABLE spans DELETE WHERE ${priced}`,
      place: /^spans as spend project "default" cost$/,
    },
    {
      what: "a payload lost",
      table: "span_payloads",
      sql: `ALTER TABLE span_payloads DELETE WHERE ${one("span_payloads", "request != ''", "trace_id, span_id")}`,
      place: /^span_payloads project "default" request$/,
    },
    {
      what: "a slice doubled",
      table: "rollup_minute",
      sql: `INSERT INTO rollup_minute SELECT * REPLACE (lane + 64 AS lane) FROM (SELECT * FROM rollup_minute FINAL WHERE ${slice})`,
      place: /^spend\(minute\) response_model ".*" cost$/,
    },
    {
      what: "a slice's sum off by a pico-dollar",
      table: "rollup_minute",
      sql: `INSERT INTO rollup_minute SELECT * REPLACE (
          arrayMap((sum, i) -> i = 1 ? sum + toDecimal128('0.000000000001', 12) : sum, cost, arrayEnumerate(cost)) AS cost,
          rank + 1 AS rank)
        FROM (SELECT * FROM rollup_minute FINAL WHERE ${slice})`,
      place: /^spend\(minute\) response_model ".*" cost$/,
    },
    {
      what: "a slice lost",
      table: "rollup_minute",
      sql: `ALTER TABLE rollup_minute DELETE WHERE ${slice}`,
      place: /^spend\(minute\) minute ".*" calls$/,
    },
    {
      what: "a folded hour lost its rows though it is there",
      table: "rollup_hour",
      sql: `INSERT INTO rollup_hour (project, kind, bucket, shard, rank)
        SELECT project, kind, bucket, shard, rank + 1 FROM rollup_hour FINAL WHERE kind = 'usage' LIMIT 1`,
      place: /^usage\(hour\) hour ".*" calls$/,
    },
    {
      what: "a summary doubled at another bucket",
      table: "traces",
      sql: `INSERT INTO traces SELECT * REPLACE (bucket + 600000 AS bucket) FROM traces FINAL WHERE live LIMIT 1`,
      place: /^traces .* live rows$/,
    },
    {
      what: "a summary off by a pico-dollar",
      table: "traces",
      sql: `INSERT INTO traces SELECT * REPLACE (cost + toDecimal128('0.000000000001', 12) AS cost, rank + 1 AS rank)
        FROM traces FINAL WHERE live LIMIT 1`,
      place: /^traces .* cost$/,
    },
  ])("$what", async ({ table, sql, place }) => {
    expect(await placesThatDifferAfter(table, sql)).toContainEqual(expect.stringMatching(place));
    expect(await differences()).toEqual([]);
  });
});
