import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { migrate } from "@spanhouse/store/migrate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestClickHouse, testClickHouse } from "../../../store/test/test-clickhouse.ts";
import { verify } from "../../src/maintenance/verify.ts";
import { runConsumer } from "./running-consumer.ts";
import { agent, chat, request, second, span, spanIdOf, traceIdOf } from "./spans.ts";
import { dump } from "./table-dump.ts";

/**
 * Two versions that are yet to come: columns of `spans`, `traces` and rollups, an index, a table and a view. This program
 * is the old one beside them, as an old one is beside this.
 */
const future = {
  "9001_next.sql": `ALTER TABLE spans ADD COLUMN IF NOT EXISTS next_version String DEFAULT 'unknown' AFTER name;
ALTER TABLE traces ADD COLUMN IF NOT EXISTS next_version UInt64 FIRST;
ALTER TABLE rollup_minute ADD COLUMN IF NOT EXISTS next_version Array(UInt64);
`,
  "9002_after_next.sql": `CREATE TABLE IF NOT EXISTS after_next (a UInt8) ENGINE = MergeTree ORDER BY a;
ALTER TABLE spans ADD COLUMN IF NOT EXISTS after_next Map(String, String),
    ADD INDEX IF NOT EXISTS by_next next_version TYPE set(100);
ALTER TABLE projects ADD COLUMN IF NOT EXISTS after_next UInt8 DEFAULT 7;
ALTER TABLE api_keys ADD COLUMN IF NOT EXISTS after_next UInt8 FIRST;
CREATE OR REPLACE VIEW after_next_view AS SELECT project, next_version FROM spans FINAL;
`,
} as const;

const own = fileURLToPath(new URL("../../../store/migrations/", import.meta.url));
let directory: string;
let rolled: TestClickHouse;
let plain: TestClickHouse;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "spanhouse future "));
  for (const file of readdirSync(own)) copyFileSync(join(own, file), join(directory, file));
  for (const [file, sql] of Object.entries(future)) writeFileSync(join(directory, file), sql);
  [rolled, plain] = await Promise.all([testClickHouse(), testClickHouse()]);
});
afterAll(async () => {
  await Promise.all([rolled.drop(), plain.drop()]);
  rmSync(directory, { recursive: true });
});

const usage = { "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5 };
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
/** Wrappers that repeat their calls' usage: they count until the calls are seen. */
const wrappers = (from: number, to: number) =>
  request(...numbers(from, to).map((n) => span(n, 1, undefined, { ...agent(), ...usage }, BigInt(n) * second)));
const calls = (from: number, to: number) =>
  request(...numbers(from, to).map((n) => span(n, 2, 1, chat(10, 5), BigInt(n) * second)));

test("two versions are rolled out beneath a running one, and back: no span, column or sum is lost", async () => {
  const { clickhouse } = rolled;
  const running = await runConsumer(clickhouse);
  await running.send(wrappers(1, 5));
  const { applied } = await migrate(clickhouse, { directory });
  expect(applied).toEqual(Object.keys(future));
  await running.send(wrappers(6, 10));

  // A newer version writes what only it knows; this one then marks the rows, which copies them.
  await clickhouse.command(
    `INSERT INTO spans SELECT * REPLACE ('2.0' AS next_version, map('a', 'b') AS after_next) FROM spans FINAL`,
  );
  await running.send(calls(1, 10));
  await running.stop();

  // A downgrade: the older program starts on the newer tables, whose migrations it has never heard of.
  expect(await migrate(clickhouse)).toEqual({ applied: [] });
  const back = await runConsumer(clickhouse);
  for (const one of [wrappers(11, 15), calls(11, 15)]) await back.send(one);
  await back.stop();

  const found = [];
  const range = { project: undefined, from: 0, to: 2 ** 31 / 60 };
  const again = { times: 0, delayMs: 0 };
  for await (const part of verify({ clickhouse, range, again, signal: new AbortController().signal })) {
    found.push(...part.differences);
  }
  expect(found).toEqual([]);

  const kept = await clickhouse.queryRows(
    `SELECT lower(hex(trace_id)), next_version, after_next['a'] FROM spans FINAL WHERE span_id = unhex('${spanIdOf(1)}') ORDER BY trace_id`,
  );
  expect(kept).toEqual(
    Array.from({ length: 15 }, (_, i) => [traceIdOf(i + 1), i < 10 ? "2.0" : "unknown", i < 10 ? "b" : ""]),
  );

  const undisturbed = await runConsumer(plain.clickhouse);
  for (const one of [wrappers(1, 15), calls(1, 15)]) await undisturbed.send(one);
  await undisturbed.stop();
  // Columns of the future aside, which the dump of all columns shows.
  for (const sql of [
    "ALTER TABLE spans DROP INDEX by_next",
    "ALTER TABLE spans DROP COLUMN next_version, DROP COLUMN after_next",
    "ALTER TABLE traces DROP COLUMN next_version",
  ]) {
    await clickhouse.command(sql, {}, { mutations_sync: "2" });
  }
  const [expected, actual] = [await dump(plain.clickhouse), await dump(clickhouse)];
  for (const [sql, rows] of Object.entries(expected)) expect(actual[sql], sql).toEqual(rows);
}, 120_000);

test("tables of two versions ago are brought up beneath a running program's successor", async () => {
  const old = await testClickHouse({ migrated: false });
  const earlier = mkdtempSync(join(tmpdir(), "spanhouse past "));
  const files = readdirSync(own).sort();
  for (const file of files.slice(0, -2)) copyFileSync(join(own, file), join(earlier, file));
  await migrate(old.clickhouse, { directory: earlier });
  // What a program of then had written.
  await old.clickhouse.command("INSERT INTO projects (project) VALUES ('shop')");
  expect(await migrate(old.clickhouse)).toEqual({ applied: files.slice(-2) });
  const consumer = await runConsumer(old.clickhouse);
  await consumer.send(wrappers(1, 1));
  await consumer.send(calls(1, 1));
  await consumer.stop();
  const sums = await old.clickhouse.queryRows(
    "SELECT count(), sum(input_tokens) FROM spans FINAL WHERE bitTest(version, 22) = 0",
  );
  expect(sums).toEqual([["1", "10"]]);
  rmSync(earlier, { recursive: true });
  await old.drop();
}, 60_000);
