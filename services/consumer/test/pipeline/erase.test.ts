import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createErasures, userHashOf } from "@spanhouse/store/erasure/erasures";
import { createProjects } from "@spanhouse/store/projects";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { TestClickHouse } from "../../../store/test/test-clickhouse.ts";
import { testClickHouse } from "../../../store/test/test-clickhouse.ts";
import { type ErasureReport, erase } from "../../src/maintenance/erase.ts";
import { verify } from "../../src/maintenance/verify.ts";
import { crashing } from "./crashing-clickhouse.ts";
import { runConsumer } from "./running-consumer.ts";
import { agent, attributes, chat, minute0, request, second, span } from "./spans.ts";
import { dump, truncateAll } from "./table-dump.ts";

let store: TestClickHouse;
beforeAll(async () => {
  store = await testClickHouse();
});
beforeEach(async () => {
  await truncateAll(store.clickhouse);
  await store.clickhouse.command("TRUNCATE TABLE erasures");
});
afterAll(() => store.drop());

/** At how many of a run's writes it is killed: `npm run test:full` kills at each of them. */
const everyWrite = process.env.SPANHOUSE_TEST_FULL ? 1 : 9;
const { signal } = new AbortController();
const minute = 60n * second;
const person = "ann@example.org";

async function run(clickhouse: ClickHouse = store.clickhouse, userId = person): Promise<ErasureReport> {
  const steps = erase({ clickhouse, project: "p", userId, askedBy: "dpo", reason: "art. 17", signal });
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
  }
}

/** Everywhere but in the list: texts of a person that no table may have, in any version of any row. */
async function physicalMentions(...texts: string[]): Promise<string[]> {
  const found: string[] = [];
  const tables = await store.clickhouse.query<{ name: string }>(
    "SELECT DISTINCT table AS name FROM system.parts WHERE database = currentDatabase() AND active",
  );
  for (const { name } of tables) {
    const rows = await store.clickhouse.query(`SELECT * FROM ${name}`);
    const bytes = rows.map((row) => JSON.stringify(row)).join("\n");
    for (const text of texts) if (bytes.includes(text)) found.push(`${name}: ${text}`);
  }
  return found;
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

const usage = { "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5 };
/**
 * Of every trace only one span says the user. Wrappers that repeat a call, a span that ended twice, an impossible end, a
 * tool, an error whose message quotes; of three persons.
 */
function traffic(first: number, count: number) {
  return Array.from({ length: count }, (_, i) => first + i).map((n) => {
    const user = [person, "bob", "cleo"][n % 3]!;
    const own = {
      "user.id": user,
      "gen_ai.conversation.id": `talk of ${user}`,
      "gen_ai.input.messages": `secret of ${user}`,
      "spanhouse.tags": `tag of ${user}`,
    };
    return [
      span(n, 1, undefined, { ...agent(own), ...usage }, 200n * minute),
      span(n, 2, 1, chat(10, 5, { "gen_ai.output.messages": `answer to ${user}` }), BigInt(n) * minute),
      span(n, 3, 1, chat(7, 1), BigInt(n) * 7n * minute),
      span(n, 3, 1, chat(7, 1), BigInt(n) * 7n * minute + minute),
      span(n, 5, 1, { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look" }, minute, {
        status: { code: 2, message: `could not mail ${user}` },
      }),
      ...(n % 2 === 0 ? [span(n, 4, 1, chat(3, 3), 0n, { endTimeUnixNano: 1n })] : []),
    ];
  });
}

async function consume(...requests: ReturnType<typeof request>[]) {
  const consumer = await runConsumer(store.clickhouse);
  for (const one of requests) await consumer.send(one);
  await consumer.stop();
}

/** The tables as consumers make them that knew of the erasure before the first span came. */
async function fresh(...requests: ReturnType<typeof request>[]) {
  await truncateAll(store.clickhouse);
  await consume(...requests);
  return dump(store.clickhouse);
}

/** What was spent, and how long it took: of everybody. */
async function numbers() {
  const all = Object.entries(await dump(store.clickhouse));
  return all.filter(([sql]) => /FROM (spend|latency|tools)\(/.test(sql));
}

test("nothing is left of a person but what their calls cost, to the last figure and row of a fresh computation", async () => {
  const sent = request(...traffic(1, 6).flat());
  await consume(sent);
  const before = await numbers();
  expect(await physicalMentions(person)).not.toEqual([]);

  const report = await run();
  expect(report).toMatchObject({ traces: 2, purged: { spans: expect.any(Number), span_payloads: expect.any(Number) } });
  expect(report.spans).toBeGreaterThan(8);
  expect(new Set(Object.values(report.left))).toEqual(new Set([0]));
  expect(await physicalMentions(person)).toEqual([]);
  expect((await physicalMentions("secret of bob", "could not mail cleo")).length).toBeGreaterThan(1);
  expect(await numbers()).toEqual(before);
  expect(await differences()).toEqual([]);

  const [listed] = await createErasures(store.clickhouse).list("p");
  expect(listed).toMatchObject({ userHash: userHashOf("p", person), askedBy: "dpo", reason: "art. 17", report });
  expect(listed!.endedAt).not.toBeNull();
  expect(await run()).toMatchObject({ traces: 2, spans: 0, purged: {} });

  const erased = await dump(store.clickhouse);
  expect(erased).toEqual(await fresh(sent));
  expect(await physicalMentions(person)).toEqual([]);
}, 120_000);

test("killed at any write and run again, it comes to the same", async () => {
  const sent = request(...traffic(3, 2).flat());
  await consume(sent);
  let died = 0;
  for (let write = 0; ; write += everyWrite) {
    const how = (["before", "after", "detached"] as const)[write % 3]!;
    const client = crashing(store.clickhouse, { write, how });
    await run(client.clickhouse).catch((error: unknown) => {
      if (!client.crashed()) throw error;
    });
    await client.settled();
    if (!client.crashed()) break;
    died++;
  }
  expect(died).toBeGreaterThan(1);
  expect((await run()).spans).toBe(0);
  expect(await physicalMentions(person)).toEqual([]);
  expect(await differences()).toEqual([]);
  const erased = await dump(store.clickhouse);
  expect(erased).toEqual(await fresh(sent));
}, 120_000);

test("beside live traffic: what a consumer stores meanwhile, of traces it knows by heart, is blanked alike", async () => {
  const traces = traffic(1, 6);
  // The span that names the person comes last of all.
  const part = (from: number, to: number) => request(...traces.flatMap((trace) => trace.slice(1).slice(from, to)));
  const roots = request(...traces.map(([root]) => root!));
  const consumer = await runConsumer(store.clickhouse);
  await consumer.send(part(0, 1));
  await consumer.send(request(...traces.slice(0, 3).map(([root]) => root!)));
  const sending = consumer.send(part(1, 2)).then(() => consumer.send(part(2, 4)));
  await run();
  await sending;
  await consumer.send(part(4, 5));
  await consumer.send(roots);
  await consumer.stop();

  const report = await run();
  expect(new Set(Object.values(report.left))).toEqual(new Set([0]));
  expect(await physicalMentions(person)).toEqual([]);
  expect(await differences()).toEqual([]);
  const erased = await dump(store.clickhouse);
  expect(erased).toEqual(await fresh(part(0, 5), roots));
}, 120_000);

test("what comes late is blanked before it is stored, and counts by what it says", async () => {
  await consume(request(span(3, 1, undefined, { ...agent({ "user.id": person }) }, 9n * minute)));
  await run();
  const consumer = await runConsumer(store.clickhouse);
  // A call without usage, then the same with it; neither names the person, their trace does.
  const { "gen_ai.usage.input_tokens": _, "gen_ai.usage.output_tokens": __, ...silent } = chat(0, 0);
  const said = { "gen_ai.input.messages": "my name is Ann" };
  await consumer.send(request(span(3, 2, 1, { ...silent, ...said })));
  await consumer.send(request(span(3, 2, 1, { ...chat(1000, 100), ...said })));
  await consumer.send(
    request(
      span(6, 1, undefined, { ...agent({ "user.id": person }), "spanhouse.open": true }, 0n, { endTimeUnixNano: 0n }),
    ),
  );
  await consumer.stop();
  expect(await physicalMentions(person, "my name is Ann")).toEqual([]);
  expect(await store.clickhouse.query("SELECT name, user_id FROM open_spans FINAL")).toEqual([
    { name: "invoke_agent", user_id: "" },
  ]);
  expect(await store.clickhouse.query("SELECT spans, calls, cost FROM traces FINAL WHERE live")).toEqual([
    { spans: 2, calls: 1, cost: "0.0035" },
  ]);
  expect(await differences()).toEqual([]);
}, 120_000);

test("a lesser content that is blanked when it comes loses to the greater one that was stored before", async () => {
  await consume(request(span(1, 2, 1, chat(1000, 100))));
  await run();
  const { "gen_ai.usage.input_tokens": _, "gen_ai.usage.output_tokens": __, ...silent } = chat(0, 0);
  // Only now is it known whose trace it is; the same call comes once more, without its usage.
  await consume(request(span(1, 1, undefined, agent({ "user.id": person })), span(1, 2, 1, silent)));
  expect(await store.clickhouse.query("SELECT spans, calls, cost FROM traces FINAL WHERE live")).toEqual([
    { spans: 2, calls: 1, cost: "0.0035" },
  ]);
  await run();
  expect(await differences()).toEqual([]);
  expect(await store.clickhouse.query("SELECT cost FROM traces FINAL WHERE live")).toEqual([{ cost: "0.0035" }]);
}, 120_000);

test("feedback loses who gave it and its words, and keeps its figure", async () => {
  const score = (trace: number, id: number, user: string) =>
    span(trace, id, undefined, {}, 0n, {
      name: "spanhouse.score",
      attributes: attributes({
        ...{ "gen_ai.evaluation.name": "stars", "gen_ai.evaluation.score.value": 4 },
        ...{ "gen_ai.evaluation.explanation": `as ${user} said`, "user.id": user },
      }),
    });
  await consume(
    request(...traffic(2, 2).flat()),
    request(score(2, 60, "bob"), score(3, 61, "cleo"), score(2, 62, person)),
  );
  const stored = () =>
    store.clickhouse.query<{ comment: string }>(
      "SELECT name, value, user_id, comment FROM scores FINAL ORDER BY score_id",
    );
  const before = await stored();
  expect(before.length).toBe(3);
  await run();
  await consume(request(score(2, 63, person), score(3, 64, "bob")));
  // Of trace 3, which is theirs, and of what they gave themselves, nothing is left.
  expect((await stored()).map(({ comment }) => comment)).toEqual(["as bob said", "", "", "", ""]);
  expect(await physicalMentions(person, "cleo said")).toEqual([]);
}, 120_000);

test("sums that are frozen say no longer whose they are", async () => {
  await consume(request(...traffic(1, 6).flat()));
  const before = await numbers();
  const total = () =>
    store.clickhouse.query(
      "SELECT sum(arraySum(calls)) AS calls, sum(arraySum(cost)) AS cost FROM rollup_minute FINAL WHERE kind = 'usage'",
    );
  const usageBefore = await total();
  await createProjects(store.clickhouse).freeze("p", Number(minute0 / second) + 86400);
  await store.clickhouse.command("ALTER TABLE spans DELETE WHERE bucket > 0", {}, { mutations_sync: "2" });
  const report = await run();
  expect(new Set(Object.values(report.left))).toEqual(new Set([0]));
  expect(await physicalMentions(person)).toEqual([]);
  expect(await numbers()).toEqual(before);
  expect(await total()).toEqual(usageBefore);
}, 120_000);
