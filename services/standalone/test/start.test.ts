import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import type { TreeNode } from "@spanhouse/schemas/api/spans";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { createProjects } from "@spanhouse/store/projects";
import { startEmbeddedServer } from "@spanhouse/store/server/embedded-server";
import { afterEach, beforeEach, expect, test } from "vitest";
import { episodes } from "../src/demo/conversations.ts";
import { runDemo } from "../src/demo/run-demo.ts";
import { sendAgain, sendOne, startAcknowledgedTraffic } from "./acknowledged-traffic.ts";
import { type BuiltProcess, spanhouse } from "./built-process.ts";
import { picoDollars, sumOfMoney } from "./money.ts";
import { descendantsOf, isAlive } from "./process-table.ts";
import { type QueryClient, queryClient } from "./query-client.ts";
import { answeredOutline, expectServedCalls, outline } from "./served-calls.ts";

let dataDir: string;
let running: BuiltProcess[];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "spanhouse start "));
  running = [];
});

afterEach(async () => {
  for (const one of running) one.signalGroup("SIGKILL");
  await Promise.all(running.map(({ ended }) => ended));
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): BuiltProcess {
  const anyPort = { SPANHOUSE_GATEWAY_PORT: "0", SPANHOUSE_GATEWAY_GRPC_PORT: "0", SPANHOUSE_QUERY_PORT: "0" };
  const started = spanhouse(["start", "--data", dataDir, ...args], { ...anyPort, ...environment });
  running.push(started);
  return started;
}

/** What `spanhouse start` prints for a person, read as one does. */
async function greetingOf(started: BuiltProcess) {
  const [, queryUrl = ""] = await started.says(/Query API +(http:\S+)\/v1\/traces/);
  const [, gatewayUrl = ""] = await started.says(/OTLP\/HTTP +(http:\S+)\/v1\/traces/);
  const [, apiKey = ""] = await started.says(/API key +(\S+)\n/);
  return { queryUrl, gatewayUrl, apiKey, query: queryClient(queryUrl, apiKey) };
}

/** Money and tokens of all traces and of the metrics, once the rollups have caught up. */
async function expectMetricsOfTraces(query: QueryClient, range: Readonly<Record<string, string>> = {}): Promise<void> {
  const measures = "calls,cost,input_tokens,cache_read_tokens,cache_write_tokens,output_tokens,reasoning_tokens";
  await expect
    .poll(
      async () => {
        const traces = await query.traces(range);
        const [group] = (await query.metrics({ measures, ...range })).groups;
        const count = (of: (trace: (typeof traces)[number]) => number) => traces.reduce((sum, one) => sum + of(one), 0);
        const fromTraces = {
          calls: count(({ calls }) => calls),
          cost: sumOfMoney(traces.map(({ cost }) => cost)),
          input_tokens: count(({ input_tokens }) => input_tokens),
          cache_read_tokens: count(({ cache_read_tokens }) => cache_read_tokens),
          cache_write_tokens: count(({ cache_write_tokens }) => cache_write_tokens),
          output_tokens: count(({ output_tokens }) => output_tokens),
          reasoning_tokens: count(({ reasoning_tokens }) => reasoning_tokens),
        };
        const totals = { ...group?.totals, cost: picoDollars(String(group?.totals.cost ?? "0")) };
        return { totals, fromTraces, agree: fromTraces.calls > 0 && text(totals) === text(fromTraces) };
      },
      { timeout: 20_000, interval: 250 },
    )
    .toMatchObject({ agree: true });
}

const text = (value: Readonly<Record<string, unknown>>) =>
  JSON.stringify(Object.entries(value).sort(), (_, part) => (typeof part === "bigint" ? `${part}` : part));

/** What does not differ between two runs of the same conversation. */
const told = (spans: readonly TreeNode[]) =>
  spans
    .map(({ name, depth, operation, response_model, input_tokens, output_tokens, usage_state, outcome }) =>
      [depth, name, operation, response_model, input_tokens, output_tokens, usage_state, outcome].join(" "),
    )
    .sort();

test("--demo: an address, a key, a trace that is nested and priced; Ctrl-C leaves nothing but the data", async () => {
  const started = run(["--demo"]);
  const { gatewayUrl, apiKey, query } = await greetingOf(started);
  const [, tracesUrl = "", traceId = ""] = await started.says(/curl -H .* (http:\S+\/v1\/traces)\/([0-9a-f]{32})\n/);
  expect(started.stdout()).toContain(`authorization=Bearer%20${apiKey}`);
  expect(await (await fetch(tracesUrl)).json()).toMatchObject({ code: "KEY_MISSING" });

  const first = await query.trace(traceId);
  expect(outline(first.spans)).toEqual(answeredOutline);
  expect(first.trace).toMatchObject({ state: "complete", priced_calls: 2, estimated_calls: 2, aggregates: 1 });
  expect(picoDollars(first.trace.cost)).toBeGreaterThan(0n);

  // The same conversations again from this process, where it can be seen what the provider served.
  const simulator = await startProviderSimulator();
  const ends: number[] = [];
  const { traceIds } = await runDemo({
    ...{ url: gatewayUrl, apiKey, simulatorUrl: simulator.url, conversations: episodes.length, pace: 0 },
    onTrace: () => ends.push(simulator.requests().length),
  });
  const served = simulator.requests();
  await simulator.stop();
  for (const [i, id] of traceIds.entries()) await expectServedCalls(query, id, served.slice(ends[i - 1] ?? 0, ends[i]));
  expect(told(first.spans)).toEqual(told((await query.trace(traceIds[0]!)).spans));
  await expectMetricsOfTraces(query);

  const children = descendantsOf(started.pid);
  expect(children.length).toBeGreaterThanOrEqual(2);
  started.signalGroup("SIGINT");
  await started.says(/Stopping/);
  // npm passes it on: once more, in the middle of the end.
  started.signalGroup("SIGINT");
  expect(await started.ended, started.output()).toBe(0);
  expect(children.filter(isAlive)).toEqual([]);
  expect(started.output().slice(started.stdout().length)).toBe("");

  const again = run([]);
  const second = await greetingOf(again);
  expect(second.apiKey).toBe(apiKey);
  expect(readFileSync(join(dataDir, "api-key"), "utf8").trim()).toBe(apiKey);
  const kept = (await second.query.traces()).map(({ trace_id }) => trace_id);
  expect(kept).toEqual(expect.arrayContaining([traceId, ...traceIds]));
  expect((await second.query.trace(traceId)).spans).toEqual(first.spans);
  await expectMetricsOfTraces(second.query);
  again.signal("SIGTERM");
  expect(await again.ended, again.output()).toBe(0);
}, 120_000);

test("kill -9 under traffic: what was acknowledged is there once, and every total is the sum of the spans", async () => {
  const environment = { SPANHOUSE_LOG_LEVEL: "fatal" };
  let acknowledged = 0;
  let sent: readonly Uint8Array[] = [];
  const seed = randomBytes(2).readUInt16BE() * 100_000;
  for (let round = 0; round < 2; round++) {
    const killed = run([], environment);
    const greeting = await greetingOf(killed);
    if (round > 0) await expectStored(greeting.query, acknowledged);
    const traffic = startAcknowledgedTraffic(greeting, seed + round * 10_000);
    await expect.poll(() => traffic.acknowledged(), { timeout: 20_000 }).toBeGreaterThan(40 + 25 * round);
    const children = descendantsOf(killed.pid);
    killed.signal("SIGKILL");
    expect(await killed.ended).toBe("SIGKILL");
    await traffic.stopped;
    await expect.poll(() => children.filter(isAlive), { timeout: 10_000 }).toEqual([]);
    acknowledged += traffic.acknowledged();
    sent = [...sent, ...traffic.sent()];
  }

  const last = run([], environment);
  const greeting = await greetingOf(last);
  await expectStored(greeting.query, acknowledged);
  await expectMetricsOfTraces(greeting.query, traceRange);
  await sendAgain(greeting, sent);
  last.signal("SIGTERM");
  expect(await last.ended, last.output()).toBe(0);
  await expectTables({ traces: sent.length });
  const verified = spanhouse(["verify", "--data", dataDir]);
  expect(await verified.ended, verified.output()).toBe(0);
  expect(verified.stdout()).toBe(`${sent.length} traces: 0 differences\n`);
}, 180_000);

const traceRange = { from: "2026-10-01T00:00:00Z", to: "2026-11-01T00:00:00Z" };

async function expectStored(query: QueryClient, least: number): Promise<void> {
  const traces = await query.traces(traceRange);
  expect(traces.length).toBeGreaterThanOrEqual(least);
  expect(new Set(traces.map(({ trace_id }) => trace_id)).size).toBe(traces.length);
  // A request is stored whole or, where it was not acknowledged, perhaps in part: never a span twice.
  for (const { spans, calls, cost } of traces) {
    expect(spans).toBeLessThanOrEqual(2);
    expect(picoDollars(cost)).toBe(BigInt(calls) * 3_500_000_000n);
  }
}

/** Opens the data directory itself, which nobody may hold any more: each trace has one call of $0.0035. */
async function expectTables({ traces }: { readonly traces: number }): Promise<void> {
  const server = await startEmbeddedServer({ dataDir });
  const clickhouse = createClickHouse({ ...server, database: "spanhouse" });
  try {
    const ask = (sql: string) => clickhouse.query<{ calls: string; cost: string }>(sql);
    const cost = (traces * 0.0035).toFixed(4);
    const expected = [{ calls: String(traces), cost: String(Number(cost)) }];
    expect(
      await ask(
        "SELECT countIf(role = 'model') AS calls, sum(cost) AS cost FROM spans FINAL WHERE NOT void AND NOT aggregate",
      ),
    ).toEqual(expected);
    expect(await ask("SELECT sum(calls) AS calls, sum(cost) AS cost FROM traces FINAL WHERE live")).toEqual(expected);
    for (const grain of ["minute", "hour", "day"]) {
      const range = "from = toDateTime('2026-10-01', 'UTC'), to = toDateTime('2026-11-01', 'UTC')";
      const sql = `SELECT sum(calls) AS calls, sum(cost) AS cost FROM spend(${range}, grain = '${grain}')`;
      expect(await ask(sql), grain).toEqual(expected);
    }
  } finally {
    await clickhouse.close();
    await server.stop();
  }
}

test.each(["SPANHOUSE_GATEWAY_PORT", "SPANHOUSE_QUERY_PORT"])(
  "%s in use: says so and leaves",
  async (variable) => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const address = holder.address();
    const port = String(typeof address === "object" && address?.port);
    const started = run([], { [variable]: port });
    try {
      expect(await started.ended).toBe(2);
      expect(started.output()).toBe(`CONFIG: ${variable}: expected a free port; ${port} of 127.0.0.1 is taken\n`);
      const server = await startEmbeddedServer({ dataDir });
      await server.stop();
    } finally {
      holder.close();
    }
  },
  60_000,
);

test("a data directory in use: says who has it and leaves", async () => {
  const holder = run([]);
  const { query } = await greetingOf(holder);
  const second = run([]);
  expect(await second.ended).toBe(1);
  expect(second.output()).toMatch(new RegExp(`^STORE_IN_USE: .* is in use by process ${holder.pid}`));
  expect(await query.traces()).toEqual([]);
  holder.signal("SIGINT");
  expect(await holder.ended).toBe(0);
}, 60_000);

test("commands work on the data directory, whether it is running or not: a frozen span's letter", async () => {
  const command = async (...args: readonly string[]) => {
    const ended = spanhouse([...args, "--data", dataDir]);
    const code = await ended.ended;
    return { code, stdout: ended.stdout(), output: ended.output() };
  };
  const holder = run([]);
  const { gatewayUrl } = await greetingOf(holder);
  const told = join(dataDir, "running.json");
  expect(statSync(told).mode & 0o777).toBe(0o600);

  const made = await command("keys", "create", "--project", "archive");
  const { key } = JSON.parse(made.stdout) as { key: string };
  const clickhouse = createClickHouse(JSON.parse(readFileSync(told, "utf8")).clickhouse);
  await createProjects(clickhouse).freeze("archive", Math.floor(Date.now() / 1000));
  await clickhouse.close();

  const letters = async () => (await command("dlq", "list", "--json", "--project", "archive")).stdout.trim();
  await expect
    .poll(
      async () => {
        await sendOne({ gatewayUrl, apiKey: key });
        return (await letters()).includes("SPAN_FROZEN");
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBe(true);
  const { id, origin } = JSON.parse((await letters()).split("\n")[0]!) as { id: string; origin: string };
  expect(origin).toMatch(/^otlp_spans\/0@/);
  expect(await command("dlq", "replay", id)).toMatchObject({ code: 0, stdout: `${id} replayed\n` });
  expect((await command("dlq", "drop", "--all")).code).toBe(0);
  expect(await letters()).toBe("");

  holder.signal("SIGINT");
  expect(await holder.ended).toBe(0);
  expect(existsSync(told)).toBe(false);
  const kept = (await command("keys", "list", "--project", "archive", "--json")).stdout.trim().split("\n");
  // The one that replaying made for itself is revoked.
  expect(
    kept
      .map((line) => JSON.parse(line))
      .map(({ label, revoked }) => [label, revoked])
      .sort(),
  ).toEqual([
    ["", false],
    ["spanhouse dlq replay", true],
  ]);
  expect(await command("dlq", "replay", "--all")).toMatchObject({ code: 2 });
}, 90_000);
