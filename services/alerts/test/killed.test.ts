import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createAlertProgress } from "@spanhouse/store/alerts/alert-progress";
import { createRuleHistory } from "@spanhouse/store/rule-history";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { holds, type ProcessOptions } from "./alerts-process-options.ts";
import { type ListeningReceiver, startReceiver } from "./listening-receiver.ts";
import { storeCalls } from "./stored-calls.ts";

const program = fileURLToPath(new URL("./alerts-process.ts", import.meta.url));
const runSource = fileURLToPath(new URL("../../bus/test/run-source.mjs", import.meta.url));

const noon = Date.UTC(2026, 10, 20, 12) / 1000;
let now = noon;
let store: TestClickHouse;
let receiver: ListeningReceiver;

beforeAll(async () => {
  [store, receiver] = await Promise.all([testClickHouse(), startReceiver(() => now)]);
});
afterAll(async () => {
  await receiver.close();
  await store.drop();
});

function start(hold: ProcessOptions["hold"]): { readonly child: ChildProcess; readonly output: () => string } {
  const { url, writer } = store.server;
  const options: ProcessOptions = {
    ...{ clickhouse: { url, ...writer, database: store.database }, receiverUrl: receiver.url, now, hold },
  };
  const child = spawn(process.execPath, [runSource, program, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  return { child, output: () => output };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

const rounds = process.env.SPANHOUSE_TEST_FULL ? 20 : 2;

test(`kill -9 between evaluation and sending, ${rounds} times: one notification of each episode`, async () => {
  const rule = {
    ...{ signal: "refusal_rate", group_by: ["service"], window: "1m", for: "0s", keep: "1d", minimum_calls: 10 },
    condition: { kind: "static", above: 0.2 },
  };
  await createRuleHistory(store.clickhouse, "alert_rules").append({
    ...{ project: "p", name: "refusals", rule: JSON.stringify(rule), changedBy: "test", reason: "" },
  });
  // As if it had been evaluated up to noon.
  await createAlertProgress(store.clickhouse).write({
    ...{ project: "p", rule: "refusals", evaluatedTo: noon, states: [], settled: true, problem: "" },
  });
  for (let round = 0; round < rounds; round++) {
    const columns = { outcome: "'refused'", refusal: "'explicit'", service: `'service-${round}'` };
    await storeCalls(store.clickhouse, [{ at: noon + round * 60 + 5, calls: 20, columns }]);
    now = noon + (round + 1) * 60 + 20;
    const killed = start(holds[3 - (round % 3)]!);
    await expect.poll(() => killed.output(), { timeout: 30_000, interval: 50 }).toContain("held");
    await kill(killed.child);
    const next = start("nowhere");
    try {
      await expect.poll(() => receiver.told().length, { timeout: 30_000, interval: 50 }).toBe(round + 1);
    } finally {
      await kill(next.child);
    }
  }
  // One that was told and not noted may be noted by now: nothing new comes of it.
  const last = start("nowhere");
  const pending = `SELECT count() AS n FROM alert_events WHERE (project, episode, event) NOT IN
    (SELECT project, episode, event FROM alert_deliveries WHERE outcome = 'sent')`;
  await expect.poll(() => store.clickhouse.query(pending), { timeout: 30_000 }).toEqual([{ n: "0" }]);
  await kill(last.child);
  expect(receiver.told().map(({ group, status }) => `${group.service} ${status}`)).toEqual(
    Array.from({ length: rounds }, (_, round) => `service-${round} firing`),
  );
}, 600_000);
