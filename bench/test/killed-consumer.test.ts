import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { testBrokers } from "../../infra/kafka/test-brokers.ts";
import { type TestClickHouse, testClickHouse } from "../../services/store/test/test-clickhouse.ts";
import { runKilledConsumer } from "../src/benchmarks/killed-consumer.ts";
import { runTraffic } from "../src/generator/run-traffic.ts";
import { createKafkaOutlet } from "../src/outlets/kafka-outlet.ts";
import { consumerFromSource } from "./from-source.ts";

let store: TestClickHouse;
let scratch: string;

beforeEach(async () => {
  store = await testClickHouse();
  scratch = await mkdtemp(join(tmpdir(), "spanhouse-kill-"));
});

afterEach(async () => {
  await store.drop();
  await rm(scratch, { recursive: true, force: true });
});

it("counts everything once, though the consumer is killed twice on the way", { timeout: 180_000 }, async () => {
  const brokers = await testBrokers();
  const topic = `spans-${randomUUID()}`;
  const outlet = await createKafkaOutlet({ brokers, topic, keyless: false, json: false, partitions: 4 });
  const { ledger } = await runTraffic(outlet, {
    seed: 11,
    traces: 400,
    startMs: Date.UTC(2026, 9, 5),
    hours: 3,
    projects: ["default"],
  }).finally(() => outlet.close());

  const result = await runKilledConsumer({
    consumer: {
      program: consumerFromSource,
      brokers,
      topic,
      group: topic,
      clickhouse: { url: store.server.url, ...store.server.writer, database: store.database },
      logFile: join(scratch, "consumer.log"),
      sessionTimeoutMs: 6_000,
      flushBytes: 128 * 1024,
    },
    clickhouse: store.clickhouse,
    ledger,
    kills: 2,
    seed: 1,
    tell: () => undefined,
  });

  expect(result.differences).toEqual([]);
  expect(result.killedAt.filter((at) => at > 0 && at < result.rows)).toHaveLength(2);
});
