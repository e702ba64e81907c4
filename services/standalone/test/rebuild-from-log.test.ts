import { randomUUID } from "node:crypto";
import { createKafkaPublisher } from "@spanhouse/bus/kafka/kafka-publisher";
import { ensureTopic } from "@spanhouse/bus/kafka/topic";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { createApiKeys } from "@spanhouse/store/api-keys";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { createProjects } from "@spanhouse/store/projects";
import { createRuleHistory } from "@spanhouse/store/rule-history";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testBrokers } from "../../../infra/kafka/test-brokers.ts";
import { runConsumer } from "../../consumer/test/pipeline/running-consumer.ts";
import { agent, chat, minute0, request, second, span, traceIdOf } from "../../consumer/test/pipeline/spans.ts";
import { dump } from "../../consumer/test/pipeline/table-dump.ts";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { rebuildCommand } from "../src/commands/rebuild.ts";
import { runCommand } from "./run-command.ts";

let store: TestClickHouse;
let into: string;
beforeAll(async () => {
  store = await testClickHouse();
  into = `${store.database}_again`;
});
afterAll(async () => {
  await store?.clickhouse.command(`DROP DATABASE IF EXISTS ${into} SYNC`);
  await store?.drop();
});

const usage = { "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5 };
const requests = Array.from({ length: 40 }, (_, i) => i + 1).map((n) =>
  request(
    span(n, 1, undefined, { ...agent({ "user.id": `u${n % 3}` }), ...usage }, 10n * 60n * second),
    span(n, 2, 1, chat(10, 5), BigInt(n) * 60n * second),
  ),
);

test("a fresh database from the log is the one that a consumer made of it; stopped, it goes on", async () => {
  const { clickhouse } = store;
  const rules = createRuleHistory(clickhouse, "prices");
  const change = { project: "p", name: "half", changedBy: "me", reason: "contract" };
  await rules.append({ ...change, rule: '{"kind":"discount","match":{},"percent":"50"}' });
  const projects = createProjects(clickhouse);
  await projects.ensureProject("p");
  const { keyId } = await createApiKeys(clickhouse).createKey({ project: "p", scopes: ["read"], label: "" });
  const consumer = await runConsumer(clickhouse);
  await Promise.all(requests.map((each) => consumer.send(each)));
  await consumer.stop();
  const expected = await dump(clickhouse);
  // What is frozen in the old database is taken all the same: the log has it.
  await projects.freeze("p", Number(minute0 / second) + 300);

  const connection = { brokers: await testBrokers(), clientId: "test", log: () => undefined };
  const topic = `otlp_spans-${randomUUID()}`;
  await ensureTopic(connection, { topic, partitions: 3, maxMessageBytes: 1_000_000 });
  const publisher = createKafkaPublisher({ connection, topic });
  const headers = { "spanhouse-project": "p" };
  const records = requests.map((each, i) => ({ key: traceIdOf(i + 1), value: encodeTraces(each), headers }));
  const broken = { key: traceIdOf(99), value: new Uint8Array([255, 255]), headers };
  expect(await publisher.publish([...records, broken])).toEqual({ kind: "acknowledged" });
  await publisher.close();

  const environment = {
    ...{ SPANHOUSE_KAFKA_BROKERS: connection.brokers.join(","), SPANHOUSE_KAFKA_TOPIC: topic },
    ...{ SPANHOUSE_ESTIMATES: "off", SPANHOUSE_CONSUMER_ROLL_MS: "100", SPANHOUSE_CONSUMER_FLUSH_BYTES: "3000" },
  };
  const args = ["--from-log", "--into", into];
  const stopping = new AbortController();
  const onLine = (line: string) => /^\d+ of 41 records/.test(line) && stopping.abort();
  expect(await runCommand(rebuildCommand, store, args, { environment, signal: stopping.signal, onLine })).toMatchObject(
    {
      code: 1,
    },
  );
  const { code, lines } = await runCommand(rebuildCommand, store, args, { environment });
  expect(code).toBe(0);
  expect(lines).toContain("41 of 41 records");
  expect(lines.at(-2)).toMatch(/from 2026-10-05T10:01:00Z on; \w+ from 2026-10-05T10:01:00Z on$/);
  expect(lines.at(-1)).toContain(`SPANHOUSE_CLICKHOUSE_DATABASE=${into}`);

  const { url, writer } = store.server;
  const rebuilt = createClickHouse({ url, ...writer, database: into });
  try {
    expect(await dump(rebuilt)).toEqual(expected);
    expect(await createRuleHistory(rebuilt, "prices").history()).toEqual(await rules.history());
    expect(await createApiKeys(rebuilt).listKeys("p")).toMatchObject([{ keyId }]);
    expect(await createProjects(rebuilt).frozenTimes()).toEqual(new Map([["p", 0]]));
    expect(await rebuilt.query("SELECT code, offset >= 0 AS known FROM dead_letters FINAL")).toHaveLength(1);
  } finally {
    await rebuilt.close();
  }
}, 120_000);

test.each([
  [["--from-log"], "--from-log: expected --into DATABASE"],
  [["--into", "other"], "--into: expected only with --from-log"],
  [["--from-log", "--into", "other", "--from", "2026-10"], "neither a range nor a project"],
  [["--from-log", "--into", "a b"], '--into: expected another database than .*; got "a b"'],
])("what cannot be meant is refused: %j", async (args, message) => {
  const environment = { SPANHOUSE_KAFKA_BROKERS: "127.0.0.1:1" };
  await expect(runCommand(rebuildCommand, store, args, { environment })).rejects.toThrow(new RegExp(message));
});
