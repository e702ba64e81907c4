import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createLease } from "@spanhouse/store/leases";
import { defaultReadLimits } from "@spanhouse/store/readers/project-reader";
import { createRuleHistory } from "@spanhouse/store/rule-history";
import { untraced } from "@spanhouse/tracing/tracing";
import { Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { type Alerts, createAlerts } from "../src/app.ts";
import { defaultWaiting } from "../src/due-minutes.ts";
import { createAlertsMetrics } from "../src/metrics.ts";
import { type ListeningReceiver, secret, startReceiver } from "./listening-receiver.ts";
import { storeCalls } from "./stored-calls.ts";

let store: TestClickHouse;
let receiver: ListeningReceiver;
let running: Alerts[];
/** Unix s: the time that alerts believe in. */
let now: number;
/** Unix s: all before is rolled up. */
let rolled: number;

const noon = Date.UTC(2026, 10, 20, 12) / 1000;

/** Of each test its own, in one store. */
let project: string;
let projects = 0;

beforeAll(async () => {
  store = await testClickHouse();
});
afterAll(() => store.drop());

beforeEach(async () => {
  project = `p${projects++}`;
  receiver = await startReceiver(() => now);
  running = [];
  [now, rolled] = [noon, noon];
});

afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  for (const { name, project: own } of await rules().inForce()) {
    if (own === project) await rules().append({ project, name, rule: "", changedBy: "test", reason: "" });
  }
  await receiver.close();
});

const rules = () => createRuleHistory(store.clickhouse, "alert_rules");

const minute = (number: number) => noon + number * 60;

/** Time goes to the end of a minute, and all of it is rolled up. */
function pass(number: number): void {
  [now, rolled] = [minute(number) + 20, minute(number) + 20];
}

function start(holder: string, clickhouse: ClickHouse = store.clickhouse): Alerts {
  const webhook = { url: receiver.url, secret, template: "spanhouse", allow_private: true } as const;
  const alerts = createAlerts({
    ...{ clickhouse, reader: store.reader, limits: defaultReadLimits, waiting: defaultWaiting },
    file: { receivers: [{ name: `hook-${project}`, webhook }], rules: [] },
    watermark: async () => rolled,
    lease: createLease(clickhouse, { resource: "alerts", holder, lengthMs: 2_000 }),
    ...{
      tickMs: 50,
      viewerUrl: "https://viewer.test",
      metrics: createAlertsMetrics(new Registry()),
      tracer: untraced(),
    },
    now: () => now * 1000,
    log: () => undefined,
  });
  running.push(alerts);
  void alerts.run();
  return alerts;
}

const setRule = (name: string, rule: object) =>
  rules().append({ project, name, rule: JSON.stringify(rule), changedBy: "test", reason: "" });

const refusals = {
  signal: "refusal_rate",
  group_by: ["service"],
  condition: { kind: "static", above: 0.2, clear: 0.1 },
  window: "2m",
  keep: "2m",
};

const refused = { outcome: "'refused'", refusal: "'explicit'", response_model: "'claude-9'", provider: "'anthropic'" };

/** Calls by minute, some of them refused. */
const calls = (...minutes: readonly (readonly [number: number, ok: number, refusing: number])[]) =>
  storeCalls(
    store.clickhouse,
    minutes.flatMap(([number, ok, refusing]) => [
      { project, at: minute(number) + 5, calls: ok },
      { project, at: minute(number) + 6, calls: refusing, columns: refused },
    ]),
  );

/** Minutes without refusals. */
const calm = (first: number, last: number, step = 1) =>
  calls(...Array.from({ length: (last - first) / step + 1 }, (_, i) => [first + i * step, 40, 0] as const));

async function evaluated(to: number): Promise<void> {
  const sql = "SELECT toUnixTimestamp(max(evaluated_to)) AS at FROM alert_progress WHERE project = {project:String}";
  await expect
    .poll(async () => (await store.clickhouse.query<{ at: number }>(sql, { project }))[0]!.at, { timeout: 60_000 })
    .toBe(to);
}

test("a refusal wave: one signed notification that says why, and one when it is over", async () => {
  await setRule("refusals", refusals);
  await calm(-70, -10, 10);
  start("a");
  await evaluated(minute(-1));
  await calls([0, 20, 20]);
  pass(1);
  await expect.poll(() => receiver.told().length, { timeout: 60_000 }).toBe(1);
  const [told] = receiver.told();
  expect(receiver.received.every(({ signed }) => signed)).toBe(true);
  expect(told).toMatchObject({
    ...{ status: "firing", project, rule: "refusals", severity: "warning", group: { service: "bot" } },
    ...{ value: 0.5, expected: 0.2, fired_at: "2026-11-20T12:01:00Z", resolved_at: null, settled: true },
    summary: "refusals: refusal rate of bot is 50 % in 2m; bound: 20 %",
    url: expect.stringMatching(/^https:\/\/viewer\.test\/alerts\?episode=[0-9a-f]{32}$/),
  });
  expect(told!.traces).toHaveLength(3);
  for (const { url, why } of told!.traces) {
    expect(url).toMatch(/^https:\/\/viewer\.test\/traces\/[0-9a-f]{32}$/);
    expect(why).toBe("refused");
  }
  expect(told!.contributions[0]).toMatchObject({ dimension: "response_model", value: "claude-9", share: 1, now: 1 });
  expect(told!.kinds[0]).toMatchObject({ dimension: "refusal", value: "explicit" });
  expect(told!.series.at(-1)).toEqual({ time: "2026-11-20T12:01:00Z", value: 0.5 });

  // Late spans of the past are not told again; fewer refusals than the bound, and more than is clear, change nothing.
  await calls([-30, 0, 100], [1, 100, 10], [2, 100, 14]);
  pass(3);
  await evaluated(minute(3));
  await calm(3, 6);
  pass(7);
  await expect.poll(() => receiver.told().length, { timeout: 60_000 }).toBe(2);
  expect(receiver.told()[1]).toMatchObject({ status: "resolved", episode: told!.episode, fired_at: told!.fired_at });
  expect(receiver.received).toHaveLength(2);
}, 180_000);

test("restarts, two replicas and a receiver that is away: every episode is told once", async () => {
  await setRule("refusals", refusals);
  receiver.answer(503);
  const [first] = [start("a"), start("b")];
  await evaluated(minute(-1));
  await calls([0, 10, 30]);
  pass(1);
  await evaluated(minute(1));
  await first.stop();
  receiver.answer(200);
  start("c");
  // The next try comes after a pause.
  await expect
    .poll(
      () => {
        now += 1;
        return receiver.told().length;
      },
      { timeout: 60_000 },
    )
    .toBe(1);
  await Promise.all(running.map((one) => one.stop()));
  pass(2);
  start("d");
  await evaluated(minute(2));
  await calm(2, 5);
  pass(6);
  await expect.poll(() => receiver.told().length, { timeout: 60_000 }).toBe(2);
  expect(receiver.told().map(({ status }) => status)).toEqual(["firing", "resolved"]);
}, 180_000);

test("what a store that was away made it miss is evaluated afterwards, minute by minute", async () => {
  await setRule("refusals", refusals);
  let away = false;
  const refusing = async (): Promise<never> => {
    throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  };
  const flaky: ClickHouse = {
    ...store.clickhouse,
    query: (...args) => (away ? refusing() : store.clickhouse.query(...args)),
    command: (...args) => (away ? refusing() : store.clickhouse.command(...args)),
  };
  start("a", flaky);
  await evaluated(minute(-1));
  away = true;
  await calls([0, 10, 30], [1, 10, 30], [2, 10, 30]);
  await calm(3, 8);
  pass(9);
  away = false;
  await expect.poll(() => receiver.told().length, { timeout: 60_000 }).toBe(2);
  expect(receiver.told().map(({ status, fired_at }) => [status, fired_at])).toEqual([
    ["firing", "2026-11-20T12:01:00Z"],
    ["resolved", "2026-11-20T12:01:00Z"],
  ]);
}, 180_000);

test("a minute whose watermark does not come is evaluated all the same, and said to be unsettled", async () => {
  await setRule("refusals", { ...refusals, receivers: [`hook-${project}`] });
  start("a");
  await evaluated(minute(-1));
  await calls([0, 10, 30]);
  now = minute(1) + 40;
  // Nobody knows whether all is there: it waits.
  rolled = minute(0) + 30;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(receiver.told()).toEqual([]);
  now = minute(1) + 76;
  await expect.poll(() => receiver.told().length, { timeout: 60_000 }).toBe(1);
  expect(receiver.told()[0]).toMatchObject({ settled: false, fired_at: "2026-11-20T12:01:00Z" });
}, 180_000);

test("a rule that is revoked lets go of what fires; one that is not understood stops no other", async () => {
  await setRule("refusals", refusals);
  await setRule("broken", { ...refusals, signal: "of a later version" });
  start("a");
  await evaluated(minute(-1));
  await calls([0, 10, 30]);
  pass(1);
  await expect.poll(() => receiver.told().length, { timeout: 60_000 }).toBe(1);
  await rules().append({ project, name: "refusals", rule: "", changedBy: "test", reason: "" });
  await expect.poll(() => receiver.told().length, { timeout: 60_000 }).toBe(2);
  expect(receiver.told()[1]).toMatchObject({ status: "resolved", value: null });
}, 180_000);
