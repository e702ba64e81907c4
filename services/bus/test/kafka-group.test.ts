import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { beforeAll, describe, it } from "vitest";
import { testBrokers } from "../../../infra/kafka/test-brokers.ts";
import type { InboundBatch, InboundRecord, SpanSubscriber } from "../src/bus.ts";
import { createKafkaPublisher } from "../src/kafka/kafka-publisher.ts";
import { createKafkaSubscriber } from "../src/kafka/kafka-subscriber.ts";
import { consume, count, createCheckpoints, recordOf, textOf } from "./conformance.ts";
import type { TestTopic } from "./kafka-fixture.ts";
import { openTopic } from "./kafka-fixture.ts";

beforeAll(() => testBrokers());

const limits = { maxBytes: 1_000_000, maxWaitMs: 50 };
const numbered = (n: number, from = 0) => Array.from({ length: n }, (_, at) => recordOf(`k${at}`, `${from + at}`));

async function publish({ connection, topic }: TestTopic, records: ReturnType<typeof numbered>): Promise<void> {
  const publisher = createKafkaPublisher({ connection, topic });
  const { kind } = await publisher.publish(records);
  await publisher.close();
  if (kind !== "acknowledged") throw new Error(`published records are ${kind}`);
}

/** The group's offsets by partition, as the broker has them. */
function groupOffsets({ administer, group, topic }: TestTopic): Promise<Record<number, string>> {
  return administer(async (admin) => {
    const [answer] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    return Object.fromEntries(answer!.partitions.map(({ partition, offset }) => [partition, offset]));
  });
}

/** Reads on until it holds that many partitions and has records of them. */
async function readAssigned(subscriber: SpanSubscriber, partitions: number): Promise<InboundBatch> {
  for await (const batch of subscriber.batches(limits)) {
    if (batch.records.length > 0 && (await subscriber.lag()).size === partitions) return batch;
  }
  throw new Error("closed before");
}

describe.concurrent("the consumer group on Kafka", () => {
  it("moves no position for what was handed out before a rebalance", { timeout: 60_000 }, async ({ expect }) => {
    const log = await openTopic({ partitions: 4 });
    const { connection, topic, group } = log;
    const open = () => createKafkaSubscriber({ connection, topic, group }, { checkpoint: async () => undefined });
    await publish(log, numbered(40));

    const first = open();
    const { batches } = await consume(first, count(40));
    const stale = batches.filter(({ records }) => records.length > 0);
    expect(await first.commit(stale[0]!.generation, [])).toBe(true);

    const second = open();
    const [, current] = await Promise.all([readAssigned(first, 2), readAssigned(second, 2)]);
    for (const { generation, positions } of stale) expect(await first.commit(generation, positions)).toBe(false);
    expect(new Set(Object.values(await groupOffsets(log)))).toEqual(new Set(["-1"]));

    expect(await second.commit(current.generation, current.positions)).toBe(true);
    const offsets = await groupOffsets(log);
    for (const { partition, next } of current.positions) expect(offsets[partition]).toBe(String(next));
    await Promise.all([first.close(), second.close()]);
  });

  it("shows every record to a group whose members come and go", { timeout: 60_000 }, async ({ expect }) => {
    const log = await openTopic({ partitions: 8 });
    const { connection, topic, group } = log;
    const checkpoints = createCheckpoints();
    const seen = new Set<string>();
    const total = 600;
    const join = (enough: (records: readonly InboundRecord[]) => boolean) => {
      const member = createKafkaSubscriber({ connection, topic, group }, { checkpoint: checkpoints.lookup });
      const reading = (async () => {
        const records: InboundRecord[] = [];
        for await (const batch of member.batches(limits)) {
          for (const record of batch.records) records.push(record);
          if (await member.commit(batch.generation, batch.positions)) {
            checkpoints.save(batch.positions);
            for (const record of batch.records) seen.add(textOf(record));
          }
          if (enough(records) || seen.size === total) break;
        }
        await member.close();
      })();
      return reading;
    };

    const stays = join(() => false);
    const publishing = (async () => {
      for (let round = 0; round < 20; round++) {
        await publish(log, numbered(total / 20, (round * total) / 20));
        await delay(100);
      }
    })();
    await expect.poll(() => seen.size, { timeout: 15_000 }).toBeGreaterThan(0);
    const leaves = join(count(40));
    await Promise.all([publishing, leaves, stays]);

    expect([...seen].map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, n) => n));
  });

  it("takes a killed member's partitions over within 15 s", { timeout: 90_000 }, async ({ expect }) => {
    const log = await openTopic({ partitions: 4 });
    const { connection, brokers, topic, group } = log;
    await publish(log, numbered(40));
    const source = (name: string) => join(import.meta.dirname, name);
    const script = [source("run-source.mjs"), source("member-process.ts"), brokers.join(","), topic, group];
    const victim = spawn(process.execPath, script, { stdio: ["ignore", "pipe", "inherit"] });
    try {
      const lines = createInterface(victim.stdout)[Symbol.asyncIterator]();
      for (let n = 0; n < 40; n++) expect((await lines.next()).done).toBe(false);

      const survivor = createKafkaSubscriber({ connection, topic, group }, { checkpoint: async () => undefined });
      const seen = new Set<string>();
      const reading = consume(survivor, (records) => {
        for (const record of records) seen.add(textOf(record));
        return seen.size === 80;
      });
      await expect.poll(async () => (await survivor.lag()).size, { timeout: 20_000 }).toBe(2);
      victim.kill("SIGKILL");
      const killed = performance.now();
      await publish(log, numbered(40, 40));
      await reading;

      expect(performance.now() - killed).toBeLessThan(15_000);
      await survivor.close();
    } finally {
      victim.kill("SIGKILL");
      if (victim.exitCode === null && victim.signalCode === null) await once(victim, "exit");
    }
  });

  it("keeps its place while a flush takes longer than the session, reading no further ahead than its bound", {
    timeout: 60_000,
  }, async ({ expect }) => {
    const log = await openTopic({ partitions: 2 });
    const { connection, topic, group } = log;
    const sessionTimeoutMs = 6_000;
    const subscriber = createKafkaSubscriber(
      { connection, topic, group, sessionTimeoutMs, readAheadBytes: 100_000 },
      { checkpoint: async () => undefined },
    );
    const records = Array.from({ length: 60 }, (_, n) => ({
      key: `k${n}`,
      value: Buffer.alloc(10_000, n),
      headers: {},
    }));
    await publish(log, records);

    let seen = 0;
    for await (const batch of subscriber.batches({ maxBytes: 50_000, maxWaitMs: 500 })) {
      if (batch.records.length === 0) continue;
      if (seen === 0) await delay(sessionTimeoutMs * 1.5);
      seen += batch.records.length;
      expect(await subscriber.commit(batch.generation, batch.positions)).toBe(true);
      if (seen === 60) break;
    }
    await subscriber.close();
  });
});
