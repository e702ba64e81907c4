import { createProjects } from "@spanhouse/store/projects";
import { applyRetention } from "@spanhouse/store/retention/apply-retention";
import { createRetentions } from "@spanhouse/store/retention/retentions";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { TestClickHouse } from "../../../store/test/test-clickhouse.ts";
import { testClickHouse } from "../../../store/test/test-clickhouse.ts";
import { rebuild } from "../../src/maintenance/rebuild.ts";
import { verify } from "../../src/maintenance/verify.ts";
import { runConsumer } from "./running-consumer.ts";
import { agent, chat, request, second, span } from "./spans.ts";
import { truncateAll } from "./table-dump.ts";

let store: TestClickHouse;
beforeAll(async () => {
  store = await testClickHouse();
});
beforeEach(async () => {
  await truncateAll(store.clickhouse);
  for (const table of ["projects", "retentions"]) await store.clickhouse.command(`TRUNCATE TABLE ${table}`);
});
afterAll(() => store.drop());

const { signal } = new AbortController();
const day = 86_400n * second;
const today = BigInt(Math.floor(Date.now() / 86_400_000)) * day;
const seconds = (nanos: bigint) => Number(nanos / second);

/** A call of 0.0035 dollars that ended at noon, so many days ago. */
const callOf = (trace: number, id: number, daysAgo: number, parent?: number) =>
  span(trace, id, parent, chat(1000, 100, { "user.id": "ann" }), 0n, timesOf(daysAgo));
const timesOf = (daysAgo: number) => {
  const start = today - BigInt(daysAgo) * day + day / 2n;
  return { startTimeUnixNano: start, endTimeUnixNano: start + second };
};

async function consume(project: string, ...spans: ReturnType<typeof span>[]) {
  const consumer = await runConsumer(store.clickhouse);
  await consumer.send(request(...spans), project);
  await consumer.stop();
}

const keep = (project: string, days: Parameters<ReturnType<typeof createRetentions>["set"]>[0]["days"]) =>
  createRetentions(store.clickhouse).set({ project, days, changedBy: "ops", reason: "policy" });
const apply = (graceSeconds = 0) => applyRetention({ clickhouse: store.clickhouse, signal, graceSeconds });

const count = async (table: string, project: string) => {
  const [row] = await store.clickhouse.query<{ n: string }>(
    `SELECT count() AS n FROM ${table} FINAL WHERE project = {project:String}`,
    { project },
  );
  return Number(row!.n);
};
async function spent(project: string) {
  const [row] = await store.clickhouse.query<{ calls: string; cost: string }>(
    `SELECT sum(calls) AS calls, sum(cost) AS cost FROM spend(from = toDateTime(0, 'UTC'), to = toDateTime(4000000000, 'UTC'), grain = 'day')
     WHERE project = {project:String}`,
    { project },
  );
  return row!;
}
async function differences(): Promise<unknown[]> {
  const found = [];
  const range = { project: undefined, from: 0, to: 2 ** 31 / 60 };
  for await (const stretch of verify({
    clickhouse: store.clickhouse,
    range,
    again: { times: 0, delayMs: 0 },
    signal,
  })) {
    found.push(...stretch.differences);
  }
  return found;
}
const letters = () =>
  store.clickhouse.query("SELECT project, code, count() AS n FROM dead_letters FINAL GROUP BY project, code");

test("what is past its time goes, day by day, and no sum changes", async () => {
  await consume("p", ...[40, 31, 30, 29, 10, 1].map((daysAgo, n) => callOf(n + 1, 1, daysAgo)));
  await consume("q", ...[40, 1].map((daysAgo, n) => callOf(n + 1, 1, daysAgo)));
  const before = { p: await spent("p"), q: await spent("q") };
  await keep("p", { payloads: 7, spans: 30, rollups: 0 });
  const report = await apply();
  expect(report.frozen).toEqual([{ project: "p", until: seconds(today - 29n * day) }]);
  expect(new Set(report.dropped.map(({ table }) => table))).toEqual(new Set(["span_payloads", "spans", "traces"]));
  // 40 and 31 days ago: gone. Of the day before the line nothing is dropped yet, and nothing more is taken.
  expect([await count("spans", "p"), await count("traces", "p"), await count("span_payloads", "p")]).toEqual([4, 4, 1]);
  expect([await count("spans", "q"), await count("span_payloads", "q")]).toEqual([2, 2]);
  expect({ p: await spent("p"), q: await spent("q") }).toEqual(before);
  expect(await apply()).toEqual({ frozen: [], dropped: [] });

  await consume("p", callOf(7, 1, 40), callOf(8, 1, 30), callOf(9, 1, 29));
  // Both refused spans lie in one letter: they came in one record.
  expect(await letters()).toEqual([{ project: "p", code: "SPAN_FROZEN", n: "1" }]);
  expect((await spent("p")).calls).toBe(String(Number(before.p.calls) + 1));
  expect(await differences()).toEqual([]);
  for await (const _ of rebuild({
    clickhouse: store.clickhouse,
    range: { project: undefined, from: 0, to: 2 ** 31 / 60 },
    signal,
  }));
  expect((await spent("p")).calls).toBe(String(Number(before.p.calls) + 1));
}, 120_000);

test("a trace that began below the line stays as it was summed up, and what comes of it still counts", async () => {
  await consume("p", span(1, 1, undefined, agent(), 0n, timesOf(40)), callOf(1, 2, 35, 1), callOf(1, 3, 20, 1));
  await keep("p", { spans: 30 });
  await apply();
  await consume("p", callOf(1, 4, 1, 1));
  expect(await store.clickhouse.query("SELECT calls, cost FROM traces FINAL WHERE live")).toEqual([
    { calls: 2, cost: "0.007" },
  ]);
  expect((await spent("p")).calls).toBe("3");
  expect(await differences()).toEqual([]);
}, 120_000);

test("nothing is dropped before the line has stood its time", async () => {
  await consume("p", callOf(1, 1, 40));
  await keep("p", { spans: 30 });
  expect(await apply(600)).toMatchObject({ frozen: [{ project: "p" }], dropped: [] });
  expect(await count("spans", "p")).toBe(1);
  expect((await apply(0)).dropped.length).toBe(3);
}, 60_000);

test("where all projects keep a day no longer its partition goes, and a project to come takes nothing of it", async () => {
  await consume("p", callOf(1, 1, 40), callOf(2, 1, 1));
  await keep("", { payloads: 7, spans: 30, rollups: 90 });
  await apply();
  const line = seconds(today - 29n * day);
  expect((await createProjects(store.clickhouse).frozenTimes()).get("")).toBe(line);
  const partitions = await store.clickhouse.query(
    "SELECT DISTINCT table FROM system.parts WHERE database = currentDatabase() AND active AND table IN ('spans', 'span_payloads') AND rows = 0",
  );
  expect(partitions).toEqual([]);
  await consume("new", callOf(3, 1, 40), callOf(4, 1, 1));
  expect([await count("spans", "new"), await count("spans", "p")]).toEqual([1, 1]);
  expect(await letters()).toEqual([{ project: "new", code: "SPAN_FROZEN", n: "1" }]);
  expect(await differences()).toEqual([]);

  // One that keeps longer holds everybody's line back, and its own rows.
  await keep("q", { spans: 0, rollups: 0 });
  await consume("q", callOf(5, 1, 20));
  await keep("", { spans: 10 });
  await apply();
  expect((await createProjects(store.clickhouse).frozenTimes()).get("")).toBe(line);
  expect([await count("spans", "q"), await count("spans", "p")]).toEqual([1, 1]);
}, 120_000);

test("what cannot be meant is refused, by name", async () => {
  await expect(keep("p", { spans: 1 })).rejects.toThrow("project p: spans: expected 2 days at least");
  await expect(keep("p", { rollups: 30 })).rejects.toThrow(
    "project p: spans are kept for ever and rollups for 30 days",
  );
  await expect(keep("P", { spans: 30 })).rejects.toThrow('project "P"');
  await keep("", { payloads: 7, spans: 30 });
  await keep("p", { payloads: 20, rollups: 400 });
  await expect(keep("", { spans: 500 })).rejects.toThrow(
    "project p: spans are kept for 500 days and rollups for 400 days",
  );
  const settings = await keep("p", { payloads: null });
  expect(settings.of("p")).toEqual({ payloads: 7, spans: 30, rollups: 400, open_spans: 7 });
});
