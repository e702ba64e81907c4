import { parseAlertRule } from "@spanhouse/store/alerts/alert-rule";
import { createProjectReader, defaultReadLimits } from "@spanhouse/store/readers/project-reader";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { insertRows, storeSpans } from "../../store/test/readers/stored-trace.ts";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { replayRule } from "../src/replay.ts";
import { type StoredCalls, storeCalls } from "./stored-calls.ts";

let store: TestClickHouse;
/** Of each test its own, in one store. */
let project: string;
let projects = 0;

beforeAll(async () => {
  store = await testClickHouse();
});
afterAll(() => store.drop());
beforeEach(() => {
  project = `c${projects++}`;
});

const noon = Date.UTC(2026, 10, 20, 12) / 1000;
const minute = (number: number) => noon + number * 60;
const error = { outcome: "'error'", error_class: "'server'", cost: "toDecimal64('0', 12)" };

type Alike = Pick<StoredCalls, "calls" | "columns">;

/** Calls of minutes of [first, last], `step` apart. */
const stepping = (step: number, first: number, last: number, ...groups: readonly Alike[]) =>
  storeCalls(
    store.clickhouse,
    Array.from({ length: (last - first) / step + 1 }, (_, i) =>
      groups.map((group) => ({ ...group, project, at: minute(first + i * step) })),
    ).flat(),
  );
const every = (first: number, last: number, ...groups: readonly Alike[]) => stepping(1, first, last, ...groups);

/** What the rule would have told of minutes (first, last]: of whom, from and to which minute, and with which figures. */
async function told(rule: object, first: number, last: number) {
  const reader = () => createProjectReader(store.reader, defaultReadLimits, project, new AbortController().signal);
  const parsed = parseAlertRule("r", { for: "0s", keep: "0s", ...rule });
  const episodes = await replayRule(reader, { project, name: "r", rule: parsed }, minute(first + 1), minute(last));
  return episodes.map(({ group, firedAt, resolvedAt, value, expected }) => ({
    group: Object.values(group).join(" "),
    from: (firedAt - noon) / 60,
    to: resolvedAt === undefined ? null : (resolvedAt - noon) / 60,
    value: value === null ? null : Number(value.toPrecision(6)),
    expected: expected === null ? null : Number(expected.toPrecision(6)),
  }));
}

test("change: by the period before, until that has caught up", async () => {
  const rule = {
    signal: "calls",
    per: "minute",
    group_by: ["service"],
    window: "10m",
    condition: { kind: "change", above: 2 },
  };
  await every(0, 19, { calls: 10 }, { calls: 10, columns: { service: "'calm'" } });
  await every(18, 19, { calls: 5, columns: { service: "'begun'" } });
  await every(20, 59, { calls: 90, columns: { service: "'begun'" } });
  await every(20, 59, { calls: 40 }, { calls: 10, columns: { service: "'calm'" } });
  // Four minutes of forty and six of ten are more than twice as much; when four of the ten before are of forty, nothing is.
  const rose = { group: "bot", from: 24, to: 34, value: 22, expected: 10 };
  const of = (service: string) => ({ ...rule, filters: { service: [service] } });
  expect([await told(of("bot"), 20, 60), await told(of("calm"), 20, 60)]).toEqual([[rose], []]);
  // Ten calls are too few to be multiplied, also for a rule of calls.
  expect(await told({ ...of("begun"), minimum_calls: 11 }, 20, 30)).toEqual([]);
  expect(await told({ ...of("begun"), minimum_calls: 10 }, 20, 30)).toHaveLength(1);
});

test("change: by the same time of the week before, downwards, also to nothing", async () => {
  const week = 7 * 1440;
  await every(-week, 30 - week, { calls: 30 }, { calls: 30, columns: { service: "'gone'" } });
  await every(0, 30, { calls: 14 });
  const condition = { kind: "change", below: 0.5, offset: "1w" };
  const rule = { signal: "calls", per: "minute", group_by: ["service"], window: "10m", condition };
  const fell = await told(rule, 15, 30);
  expect(fell).toEqual([
    { group: "bot", from: 16, to: null, value: 14, expected: 30 },
    { group: "gone", from: 16, to: null, value: 0, expected: 30 },
  ]);
  expect(await told({ ...rule, minimum_calls: 1000 }, 15, 30)).toEqual([]);
});

test("burn rate of an objective: the long window says that it matters, the short one that it goes on", async () => {
  await every(-60, 9, { calls: 20 });
  await every(10, 19, { calls: 10 }, { calls: 10, columns: error });
  await every(20, 60, { calls: 20 });
  const condition = { kind: "burn_rate", objective: 0.99, windows: [{ long: "1h", short: "5m", factor: 5 }] };
  const burns = await told({ signal: "error_rate", condition }, -20, 60);
  // 10 errors a minute of 1,200 calls an hour: above five hundredths with the seventh minute of them. In the short window
  // it is below five hundredths when all five minutes are clean.
  expect(burns).toEqual([{ group: "", from: 17, to: 25, value: 5.83333, expected: 5 }]);
  // A burst that the hour hardly feels is none, however bad its minutes are.
  expect(
    await told(
      { signal: "error_rate", condition: { ...condition, windows: [{ long: "1h", short: "5m", factor: 9 }] } },
      -20,
      60,
    ),
  ).toEqual([]);
});

test("burn rate of a budget: of several pairs the one that is burnt most", async () => {
  // $0.01 a call: 2,400 a day allow 1.666… a minute.
  await every(-60, 9, { calls: 100 });
  await every(10, 40, { calls: 1000 });
  const condition = {
    kind: "burn_rate",
    budget: { amount: "2400", period: "day" },
    windows: [
      { long: "1h", short: "5m", factor: 3 },
      { long: "10m", short: "2m", factor: 5 },
    ],
  };
  const [burn, ...others] = await told({ signal: "cost", condition }, -5, 40);
  expect(others).toEqual([]);
  // Of ten minutes nine of $10: 91 of 16.666… is above five with the ninth; of an hour 20 are not reached before.
  expect(burn).toMatchObject({ from: 19, to: null, expected: 5 });
  expect(burn!.value).toBeCloseTo(91 / (2400 / 144), 4);
});

test("absent: a group that had calls within the day and has none; others say nothing", async () => {
  await every(-30, 5, { calls: 3 }, { calls: 3, columns: { service: "'steady'" } });
  await stepping(4, 6, 1498, { calls: 1, columns: { service: "'steady'" } });
  const rule = { signal: "calls", group_by: ["service"], window: "5m", condition: { kind: "absent" } };
  const [silent, ...others] = await told(rule, -20, 1495);
  expect(others).toEqual([]);
  // The last call was in minute 5. A day later nobody expects it any more.
  expect(silent).toMatchObject({ group: "bot", from: 11, value: 0, expected: null });
  expect(silent!.to).toBeGreaterThanOrEqual(5 + 1440);
  expect(silent!.to).toBeLessThanOrEqual(5 + 1440 + 65);
}, 60_000);

test("price misses: the share of calls that are exactly priced", async () => {
  await every(0, 9, { calls: 20 });
  await every(
    10,
    19,
    { calls: 12 },
    { calls: 8, columns: { price_state: "'unpriced'", cost: "toDecimal64('0', 12)" } },
  );
  await every(20, 25, { calls: 20 });
  const condition = { kind: "static", below: 0.7, clear: 0.9 };
  expect(await told({ signal: "priced_coverage", window: "5m", condition }, 5, 26)).toEqual([
    { group: "", from: 14, to: 24, value: 0.68, expected: 0.7 },
  ]);
});

test("tool loops: a trace that calls one tool ten times", async () => {
  const tools = (trace: string, tool: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      ...{ project, traceId: trace.repeat(32), spanId: `00000000000000${trace}${i}`.slice(-16) },
      ...{ start: BigInt(minute(1)) * 1_000_000_000n, end: BigInt(minute(2)) * 1_000_000_000n + BigInt(i) },
      columns: { role: "tool", tool_name: tool, service: "bot" },
    }));
  await storeSpans(store.clickhouse, [
    ...tools("a", "search", 10),
    ...tools("b", "search", 9),
    ...tools("c", "open", 3),
  ]);
  const condition = { kind: "static", above: 0 };
  const loops = { signal: "tool_loops", group_by: ["tool_name"], window: "2m", condition };
  expect(await told(loops, 1, 6)).toEqual([{ group: "search", from: 3, to: 5, value: 1, expected: 0 }]);
});

test("new models: one that the month before did not return; of a project without a past none", async () => {
  const models = {
    signal: "new_models",
    group_by: ["response_model"],
    window: "2m",
    condition: { kind: "static", above: 0 },
  };
  await every(-60, 0, { calls: 1 });
  expect(await told(models, -60, -50)).toEqual([]);
  await every(1, 4, { calls: 1 }, { calls: 1, columns: { response_model: "'gpt-4o-2026-11-20'" } });
  // When its first minutes are part of the past, it is not new any more.
  expect(await told(models, 0, 10)).toEqual([{ group: "gpt-4o-2026-11-20", from: 2, to: 4, value: 1, expected: 0 }]);
});

test("lost spans: numbers of an SDK that did not come", async () => {
  const sent = [1, 2, 5].map((sequence) => ({
    ...{ project, traceId: `${sequence}`.repeat(32), spanId: `${sequence}`.repeat(16) },
    ...{ start: BigInt(minute(0)) * 1_000_000_000n, end: BigInt(minute(0)) * 1_000_000_000n },
    columns: { instance: "6e0f2d1a-0000-4000-8000-000000000001", sequence, service: "bot" },
  }));
  await storeSpans(store.clickhouse, sent);
  await insertRows(store.clickhouse, "deliveries", [
    { project, instance: "6e0f2d1a-0000-4000-8000-000000000001", final_sequence: 6, closed_at: { sql: "now()" } },
  ]);
  const lost = { signal: "lost_spans", group_by: ["service"], window: "1m", condition: { kind: "static", above: 0 } };
  // 3, 4 and 6, two minutes after the minute in which they were due.
  expect(await told(lost, 0, 6)).toEqual([{ group: "bot", from: 3, to: 4, value: 3, expected: 0 }]);
});
