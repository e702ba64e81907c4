import { parseDollars } from "@spanhouse/schemas/money";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createProjects } from "@spanhouse/store/projects";
import { createRuleHistory } from "@spanhouse/store/rule-history";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { TestClickHouse } from "../../../store/test/test-clickhouse.ts";
import { testClickHouse } from "../../../store/test/test-clickhouse.ts";
import { loadDerivation, loadDerivationParts, presentDerivation } from "../../src/derivation.ts";
import { reprice } from "../../src/maintenance/reprice.ts";
import { previewReprice } from "../../src/maintenance/reprice-preview.ts";
import { verify } from "../../src/maintenance/verify.ts";
import { crashing } from "./crashing-clickhouse.ts";
import { runConsumer } from "./running-consumer.ts";
import { agent, chat, minute0, request, second, span } from "./spans.ts";
import { dump, truncateAll } from "./table-dump.ts";

let store: TestClickHouse;
beforeEach(async () => {
  store = await testClickHouse();
});
afterEach(() => store.drop());

/** At how many of a run's writes it is killed: `npm run test:full` kills at each of them. */
const everyWrite = process.env.SPANHOUSE_TEST_FULL ? 1 : 4;

const options = { ownershipFile: "", estimates: false } as const;
const { signal } = new AbortController();
const all = { project: undefined, from: 0, to: 2 ** 31 / 60 };

async function run(clickhouse: ClickHouse = store.clickhouse) {
  const stretches = reprice({
    ...{ clickhouse, signal, changedBy: "ann", reason: "contract" },
    derivation: await loadDerivation(options),
  });
  let restamped = 0;
  for (let next = await stretches.next(); ; next = await stretches.next()) {
    if (next.done) return { restamped, below: next.value };
    restamped += next.value.restamped;
  }
}

async function differences(): Promise<unknown[]> {
  const found = [];
  const again = { times: 0, delayMs: 0 };
  for await (const stretch of verify({ clickhouse: store.clickhouse, range: all, again, signal })) {
    found.push(...stretch.differences);
  }
  return found;
}

const rule = (table: "prices" | "ownership_rules", name: string, content: unknown) =>
  createRuleHistory(store.clickhouse, table).append({
    ...{ project: "p", name, rule: JSON.stringify(content), changedBy: "me", reason: "contract" },
  });
/** Half of gpt-4o's price from 10:03 on, and owners of what nobody owned. */
async function contract() {
  await rule("prices", "half", {
    kind: "discount",
    match: { model: "gpt-4o*" },
    percent: "50",
    from: "2026-10-05T10:03:00Z",
  });
  await rule("ownership_rules", "shop", { match: { service: "shop" }, set: { team: "web", cost_centre: "CC-1" } });
}

const usage = { "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5 };
const minute = 60n * second;
/** Wrappers that repeat a call, calls in several hours, one of an impossible end, one span that ended twice. */
function traffic(first: number, count: number) {
  return Array.from({ length: count }, (_, i) => first + i).map((n) => [
    span(n, 1, undefined, { ...agent({ "user.id": `u${n % 3}` }), ...usage }, 200n * minute),
    span(n, 2, 1, chat(10, 5, { "user.id": `u${n % 3}` }), BigInt(n) * minute),
    span(n, 3, 1, chat(7, 1, n % 2 === 0 ? { "spanhouse.team": "own" } : {}), BigInt(n) * 7n * minute),
    span(n, 3, 1, chat(7, 1, n % 2 === 0 ? { "spanhouse.team": "own" } : {}), BigInt(n) * 7n * minute + minute),
    ...(n % 5 === 0 ? [span(n, 4, 1, chat(3, 3), 0n, { endTimeUnixNano: 1n })] : []),
  ]);
}

async function consume(traces: ReturnType<typeof traffic>, clickhouse = store.clickhouse) {
  const consumer = await runConsumer(clickhouse);
  await consumer.send(request(...traces.flat()));
  await consumer.stop();
}

/** All tables; of payloads, which no price changes, without the number in their version. */
async function tables() {
  const { "SELECT * FROM span_payloads FINAL": payloads = [], ...others } = await dump(store.clickhouse);
  return { ...others, payloads: payloads.map((row) => String(row).replace(/"version":"\d+"/, "")).sort() };
}

/** The tables as a consumer makes them that had the rules from the beginning; numbers of activation aside. */
async function fresh(traces: ReturnType<typeof traffic>) {
  await truncateAll(store.clickhouse);
  await consume(traces);
  return tables();
}

test("stored rows get the prices and owners of now, to the last figure of a fresh computation", async () => {
  const traces = traffic(1, 5);
  await consume(traces);
  const before = await tables();
  await contract();
  const { restamped, below } = await run();
  expect([restamped, below]).toEqual([Number((await counts()).rows), 0]);
  const repriced = await tables();
  expect(repriced).not.toEqual(before);
  expect(await differences()).toEqual([]);
  // A second run finds nothing to do; both are in the audit.
  expect(await run()).toEqual({ restamped: 0, below: 0 });
  const audit = await store.clickhouse.query<Record<string, unknown> & { cost_change: string }>(
    "SELECT number, event, changed_by, reason, rows, cost_change FROM repricings ORDER BY at",
  );
  expect(audit).toMatchObject([
    { number: 2, event: "begun", changed_by: "ann", reason: "contract" },
    { number: 2, event: "ended", rows: String(restamped) },
    { number: 2, event: "begun" },
    { number: 2, event: "ended", rows: "0", cost_change: "0" },
  ]);
  expect(parseDollars(audit[1]!.cost_change)).toBe(spendOf(repriced) - spendOf(before));
  expect(repriced).toEqual(await fresh(traces));
}, 120_000);

async function counts() {
  const [row] = await store.clickhouse.query<{ rows: string }>("SELECT count() AS rows FROM spans FINAL");
  return row!;
}

/** What the counting rows cost, by the rollups. */
function spendOf(dumped: Readonly<Record<string, unknown[]>>): bigint {
  const [spend] = Object.entries(dumped).filter(([sql]) => sql.includes("FROM spend(") && sql.includes("'minute'"));
  return spend![1].reduce((sum: bigint, row) => sum + parseDollars(JSON.parse(String(row)).cost), 0n);
}

test("killed at any write and run again, it comes to the same", async () => {
  const traces = traffic(3, 3);
  await consume(traces);
  await contract();
  let died = 0;
  // Each run dies later than the one before; the last one finishes.
  for (let write = 0; ; write += everyWrite) {
    const how = (["before", "after", "detached"] as const)[write % 3]!;
    const client = crashing(store.clickhouse, { write, how });
    await run(client.clickhouse).catch((error: unknown) => {
      if (!client.crashed()) throw error;
    });
    await client.settled();
    if (!client.crashed()) break;
    died++;
    // Later runs find fewer rows to restamp; a rule of the same content under a new name makes them all be restamped.
    if (died % 4 === 0)
      await rule("ownership_rules", `again-${died}`, { match: { service: "none" }, set: { team: "x" } });
  }
  expect(died).toBeGreaterThan(3);
  const repriced = await tables();
  expect(await differences()).toEqual([]);
  expect(repriced).toEqual(await fresh(traces));
}, 120_000);

test("beside live traffic: rows that come while it runs, of traces that a consumer knows by heart, are priced alike", async () => {
  const traces = traffic(1, 12);
  const consumer = await runConsumer(store.clickhouse);
  await consumer.send(request(...traces.flatMap((trace) => trace.slice(0, 2))));
  await contract();
  const rest = (from: number, to: number) => request(...traces.slice(from, to).flatMap((trace) => trace.slice(2)));
  const sending = consumer.send(rest(0, 4)).then(() => consumer.send(rest(4, 8)));
  const { restamped, below } = await run();
  await sending;
  // The consumer wrote these traces itself, and must not take what the re-pricer raised from its memory.
  await consumer.send(rest(8, 12));
  await consumer.stop();
  expect(restamped).toBeGreaterThan(0);
  expect(below).toBe(0);
  const repriced = await tables();
  expect(await differences()).toEqual([]);
  expect(repriced).toEqual(await fresh(traces));
}, 120_000);

test("what is frozen keeps its prices", async () => {
  await consume(traffic(1, 6));
  const frozenUntil = Number(minute0 / second) + 5 * 60;
  await createProjects(store.clickhouse).freeze("p", frozenUntil);
  const older = async () =>
    store.clickhouse.query(
      `SELECT * EXCEPT (written_at) FROM spans FINAL WHERE bucket > 0 AND bucket < ${frozenUntil} ORDER BY trace_id, span_id, bucket`,
    );
  const before = await older();
  await contract();
  expect((await run()).below).toBe(0);
  expect(before.length).toBeGreaterThan(3);
  expect(await older()).toEqual(before);
  expect(
    await store.clickhouse.query(`SELECT DISTINCT team FROM spans FINAL WHERE bucket >= ${frozenUntil} ORDER BY team`),
  ).toEqual([{ team: "own" }, { team: "web" }]);
}, 120_000);

test("a preview says what would change by project, day and model, and changes nothing", async () => {
  await consume(traffic(1, 4));
  const parts = await loadDerivationParts(options);
  const preview = async (model?: string) => {
    const { valuate } = await presentDerivation(parts, store.clickhouse);
    return previewReprice({ clickhouse: store.clickhouse, valuate, range: all, model, signal });
  };
  expect(await preview()).toEqual([]);
  await contract();
  const before = await tables();
  const activations = await store.clickhouse.query("SELECT * FROM activations ORDER BY kind, number");
  const [change, ...others] = await preview();
  expect(others).toEqual([]);
  // Eight calls count: one of each trace at (10, 5) tokens, of which two ended after 10:03, and one at (7, 1), which all did.
  expect(change).toMatchObject({
    ...{ project: "p", day: "2026-10-05", provider: "openai", model: "gpt-4o-2024-08-06", calls: 8 },
    ...{ repricedCalls: 6, reassignedCalls: 8 },
    cost: 4n * (10n * 2_500_000n + 5n * 10_000_000n) + 4n * (7n * 2_500_000n + 10_000_000n),
    newCost: 2n * 75_000_000n + 2n * 37_500_000n + 4n * 13_750_000n,
  });
  expect(await preview("gpt-4o")).toEqual([]);
  expect(await tables()).toEqual(before);
  expect(await store.clickhouse.query("SELECT * FROM activations ORDER BY kind, number")).toEqual(activations);
}, 120_000);
