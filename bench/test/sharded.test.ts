import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { retrying } from "@spanhouse/store/retrying";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testBrokers } from "../../infra/kafka/test-brokers.ts";
import { fullCluster, type TestCluster, testCluster, testFullCluster } from "../../services/store/test/test-cluster.ts";
import { awaitLedger, storedRows } from "../src/check/await-ledger.ts";
import { runTraffic } from "../src/generator/run-traffic.ts";
import { type ConsumerProcess, startConsumerProcess } from "../src/measure/consumer-process.ts";
import { createKafkaOutlet } from "../src/outlets/kafka-outlet.ts";
import { consumerFromSource } from "./from-source.ts";

const patienceMs = 120_000;

describe.each([2, 4])("%i shards", (shards) => {
  countsOnce(
    () => testCluster(shards),
    // The last one, which is not the one that is asked.
    async ({ servers }, whileAway) => {
      await servers!.stopShard(shards - 1);
      await whileAway();
      await servers!.startShard(shards - 1);
    },
  );
});

describe.skipIf(fullCluster === undefined)("full servers of SPANHOUSE_TEST_CLICKHOUSE_CLUSTER", () => {
  // Nobody lets us stop them.
  countsOnce(testFullCluster, (_, whileAway) => whileAway());
});

function countsOnce(
  start: () => Promise<TestCluster>,
  lose: (cluster: TestCluster, whileAway: () => Promise<void>) => Promise<void>,
): void {
  let cluster: TestCluster;
  let scratch: string;
  beforeEach(async () => {
    cluster = await start();
    scratch = await mkdtemp(join(tmpdir(), "spanhouse-shards-"));
  });
  afterEach(async () => {
    await cluster.drop();
    await rm(scratch, { recursive: true, force: true });
  });

  it("count everything once by two consumers, one of them killed, and a shard lost and back", async () => {
    const brokers = await testBrokers();
    const topic = `spans-${randomUUID()}`;
    const outlet = await createKafkaOutlet({ brokers, topic, keyless: false, json: false, partitions: 4 });
    const { ledger, sent } = await runTraffic(outlet, {
      seed: 17,
      traces: 400,
      startMs: Date.UTC(2026, 9, 5),
      hours: 3,
      projects: ["default"],
    }).finally(() => outlet.close());
    const startConsumer = (name: string) =>
      startConsumerProcess({
        program: consumerFromSource,
        brokers,
        topic,
        group: topic,
        clickhouse: cluster.options,
        logFile: join(scratch, `${name}.log`),
        sessionTimeoutMs: 6_000,
        flushBytes: 128 * 1024,
      });
    const consumers = [await startConsumer("first"), await startConsumer("second")];
    // A server that ends by itself meanwhile is one more that is lost and back: its questions are asked again.
    const clickhouse = retrying(cluster.clickhouse, { signal: AbortSignal.timeout(patienceMs * 2) });
    try {
      await stored(clickhouse, sent.spans / 4, consumers);
      // The other takes over what the killed one had.
      await lose(cluster, () => consumers.shift()!.kill());
      await awaitLedger(ledger, clickhouse, patienceMs);
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      const { compared, differences } = await awaitLedger(ledger, clickhouse, 0);
      expect(differences).toEqual([]);
      expect(compared).toBeGreaterThan(10_000);
    } finally {
      await Promise.all(consumers.map((consumer) => consumer.kill()));
    }
  }, 300_000);
}

async function stored(clickhouse: ClickHouse, rows: number, consumers: readonly ConsumerProcess[]): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while ((await storedRows(clickhouse)) < rows) {
    const ended = consumers.find(({ running }) => !running);
    if (ended || Date.now() > deadline) throw new Error(`no ${rows} rows:\n${(ended ?? consumers[0])?.lastWords()}`);
    await delay(50);
  }
}
