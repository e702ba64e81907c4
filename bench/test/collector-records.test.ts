import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { testBrokers } from "../../infra/kafka/test-brokers.ts";
import { type TestClickHouse, testClickHouse } from "../../services/store/test/test-clickhouse.ts";
import { awaitLedger } from "../src/check/await-ledger.ts";
import { runTraffic } from "../src/generator/run-traffic.ts";
import { startConsumerProcess } from "../src/measure/consumer-process.ts";
import { createKafkaOutlet } from "../src/outlets/kafka-outlet.ts";
import type { Outlet } from "../src/outlets/outlet.ts";
import { consumerFromSource } from "./from-source.ts";

let store: TestClickHouse;
let scratch: string;

beforeEach(async () => {
  store = await testClickHouse();
  scratch = await mkdtemp(join(tmpdir(), "spanhouse-collector-"));
});

afterEach(async () => {
  await store.drop();
  await rm(scratch, { recursive: true, force: true });
});

/** Sends to each outlet in turn. */
function inTurn(outlets: readonly Outlet[]): Outlet {
  let turn = 0;
  return {
    send: (deliveries) => outlets[turn++ % outlets.length]!.send(deliveries),
    close: async () => void (await Promise.all(outlets.map((outlet) => outlet.close()))),
  };
}

it("counts everything once from records without keys, in protobuf and JSON", { timeout: 120_000 }, async () => {
  const brokers = await testBrokers();
  const topic = `spans-${randomUUID()}`;
  const outletOf = (json: boolean) => createKafkaOutlet({ brokers, topic, keyless: true, json, partitions: 4 });
  const outlet = inTurn([await outletOf(false), await outletOf(true)]);
  const { ledger } = await runTraffic(outlet, {
    seed: 5,
    traces: 400,
    startMs: Date.UTC(2026, 9, 5),
    hours: 2,
    projects: ["collected"],
  }).finally(() => outlet.close());

  const consumer = await startConsumerProcess({
    program: consumerFromSource,
    brokers,
    topic,
    group: topic,
    topicProject: "collected",
    clickhouse: { url: store.server.url, ...store.server.writer, database: store.database },
    logFile: join(scratch, "consumer.log"),
  });
  try {
    const { differences } = await awaitLedger(ledger, store.clickhouse, 60_000);
    expect(differences, consumer.lastWords()).toEqual([]);
    await consumer.stop();
  } finally {
    await consumer.kill();
  }
});
