import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Compression } from "../../../infra/kafka/console-producer.ts";
import { produceLines } from "../../../infra/kafka/console-producer.ts";
import { testBrokers } from "../../../infra/kafka/test-brokers.ts";
import { startTestBroker } from "../../../infra/kafka/test-kafka.ts";
import type { InboundRecord } from "../src/bus.ts";
import { createKafkaClient } from "../src/kafka/kafka-client.ts";
import { createKafkaDeadLetters, deadLetterTopic } from "../src/kafka/kafka-dead-letters.ts";
import { createKafkaPublisher } from "../src/kafka/kafka-publisher.ts";
import { createKafkaSubscriber } from "../src/kafka/kafka-subscriber.ts";
import { readLogPositions } from "../src/kafka/log-positions.ts";
import { consume, count, createCheckpoints, describeBus, recordOf, textOf } from "./conformance.ts";
import { connectionTo, openTopic } from "./kafka-fixture.ts";

let opened: { close(): Promise<void> }[] = [];

function open<T extends { close(): Promise<void> }>(part: T): T {
  opened.push(part);
  return part;
}

async function closeAll(): Promise<void> {
  const parts = opened;
  opened = [];
  await Promise.all(parts.map((part) => part.close()));
}

describeBus("Kafka", async ({ maxInFlightBytes, maxRecordBytes }) => {
  const { connection, topic, group } = await openTopic();
  return {
    publisher: () => open(createKafkaPublisher({ connection, topic, maxInFlightBytes, maxRecordBytes })),
    subscriber: (checkpoint) => open(createKafkaSubscriber({ connection, topic, group }, { checkpoint })),
    unstored: "acknowledged",
    abandon: (subscriber) => subscriber.close(),
    close: closeAll,
  };
});

const nothingKnown = { checkpoint: async () => undefined };
const saw = (text: string) => (records: readonly InboundRecord[]) => records.some((record) => textOf(record) === text);

/** Where no broker runs yet, its jars or its image may have to be fetched first. */
beforeAll(() => testBrokers());

describe("records on Kafka", () => {
  afterEach(closeAll);

  it.for<Compression>(["none", "gzip", "snappy", "lz4", "zstd"])("reads %s as Java clients write it", async (codec) => {
    const { connection, brokers, topic, group } = await openTopic({ partitions: 1 });
    const lines = Array.from({ length: 2_000 }, (_, n) => `${n} ${"a prompt that repeats itself ".repeat(n % 20)}`);
    await produceLines(brokers.join(","), topic, codec, lines);
    const subscriber = open(createKafkaSubscriber({ connection, topic, group }, nothingKnown));
    const { records } = await consume(subscriber, count(lines.length));

    expect(records.map(textOf)).toEqual(lines);
    expect(records.every(({ key }) => key === null)).toBe(true);
  });

  it("carries a record of 10 MB", async () => {
    const { connection, topic, group } = await openTopic();
    const publisher = open(createKafkaPublisher({ connection, topic, maxRecordBytes: 12_000_000 }));
    const value = Buffer.alloc(10_000_000, "0123456789abcdef!");
    expect(await publisher.publish([{ key: "k", value, headers: {} }])).toEqual({ kind: "acknowledged" });
    const subscriber = open(createKafkaSubscriber({ connection, topic, group }, nothingKnown));
    const { records } = await consume(subscriber, count(1));

    expect(value.equals(records[0]!.value)).toBe(true);
  });

  it("rejects what the topic does not take, though the publisher was told that it would", async () => {
    const { connection, topic } = await openTopic();
    const publisher = open(createKafkaPublisher({ connection, topic, maxRecordBytes: 20_000_000 }));
    const huge = { key: "k", value: Buffer.alloc(17_000_000), headers: {} };
    expect(await publisher.publish([recordOf("a", "small"), huge])).toMatchObject({ kind: "rejected", indexes: [1] });
  });

  it("reads committed transactions only, and keeps its assignment over their markers", async () => {
    const { connection, topic, group } = await openTopic({ partitions: 1 });
    const subscriber = open(createKafkaSubscriber({ connection, topic, group }, nothingKnown));
    const consuming = consume(subscriber, saw("9"));
    const producer = createKafkaClient(connection).producer({ transactionalId: topic, maxInFlightRequests: 1 });
    await producer.connect();
    for (let n = 0; n < 10; n++) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ key: "k", value: String(n) }] });
      await (n % 3 === 2 ? transaction.abort() : transaction.commit());
    }
    await producer.disconnect();
    const { records, batches } = await consuming;

    expect(records.map(textOf)).toEqual(["0", "1", "3", "4", "6", "7", "9"]);
    const generations = batches.filter((batch) => batch.records.length > 0).map(({ generation }) => generation);
    expect(new Set(generations).size).toBe(1);
  });

  it("keeps dead letters as they were: null keys, bytes and headers", async () => {
    const { connection, topic, group, create } = await openTopic();
    await create(deadLetterTopic(topic), 1);
    const letters = open(createKafkaDeadLetters({ connection, topic }));
    const value = Uint8Array.of(0, 255, 128, 7);
    const headers = { "spanhouse-error-code": "OTLP_TRUNCATED", "spanhouse-origin-offset": "12" };
    const outcome = await letters.publish([
      { key: null, value, headers },
      { key: Uint8Array.of(1, 0, 2), value: new Uint8Array(0), headers: {} },
    ]);
    expect(outcome).toEqual({ kind: "acknowledged" });
    const reader = open(createKafkaSubscriber({ connection, topic: deadLetterTopic(topic), group }, nothingKnown));
    const { records } = await consume(reader, count(2));

    const [first, second] = records;
    expect(first!.key).toBeNull();
    expect([...first!.value]).toEqual([...value]);
    const text = Object.entries(first!.headers).map(([name, bytes]) => [name, Buffer.from(bytes).toString()]);
    expect(Object.fromEntries(text)).toEqual(headers);
    expect([...second!.key!]).toEqual([1, 0, 2]);
    expect(second!.value.length).toBe(0);
  });
});

describe("where reading starts on Kafka", () => {
  afterEach(closeAll);

  async function publishEach(publisher: ReturnType<typeof createKafkaPublisher>, texts: readonly string[]) {
    for (const text of texts) expect(await publisher.publish([recordOf("k", text)])).toEqual({ kind: "acknowledged" });
  }

  it("goes back to the checkpoint when the group is ahead of it, as after a restored backup", async () => {
    const { connection, topic, group } = await openTopic({ partitions: 1 });
    const publisher = open(createKafkaPublisher({ connection, topic }));
    await publishEach(publisher, ["0", "1", "2", "3"]);
    const checkpoints = createCheckpoints();
    const first = createKafkaSubscriber({ connection, topic, group }, { checkpoint: checkpoints.lookup });
    const oneByOne = { maxBytes: 1, maxWaitMs: 200 };
    const { batches } = await consume(first, count(4), { batchLimits: oneByOne });
    const [, second, , fourth] = batches.filter(({ records }) => records.length > 0);
    checkpoints.save(second!.positions);
    expect(await first.commit(fourth!.generation, fourth!.positions)).toBe(true);
    await first.close();

    const next = open(createKafkaSubscriber({ connection, topic, group }, { checkpoint: checkpoints.lookup }));
    const { records } = await consume(next, count(2));
    expect(records.map(textOf)).toEqual(["2", "3"]);
  });

  it("gives the group an offset though the log is quiet, when its first consumer died between checkpoint and commit", async () => {
    const { connection, topic, group } = await openTopic({ partitions: 1 });
    await publishEach(open(createKafkaPublisher({ connection, topic })), ["0", "1", "2"]);
    const checkpoints = createCheckpoints();
    const first = createKafkaSubscriber({ connection, topic, group }, { checkpoint: checkpoints.lookup });
    const { batches } = await consume(first, count(3));
    checkpoints.save(batches.findLast(({ records }) => records.length > 0)!.positions);
    await first.close();

    const next = open(createKafkaSubscriber({ connection, topic, group }, { checkpoint: checkpoints.lookup }));
    const { records } = await consume(next, count(1), { save: checkpoints.save });
    expect(records.map(textOf)).toEqual(["2"]);
    expect(await readLogPositions(connection, topic, group)).toMatchObject([{ high: 3n, committed: 3n }]);
  });

  it.for([
    ["shorter", ["x"]],
    ["as long", ["x", "y", "z"]],
    ["longer", ["x", "y", "z", "zz"]],
  ] as const)("reads a re-created topic from its beginning when it is %s", async ([, texts]) => {
    const { connection, topic, group, create, administer } = await openTopic({ partitions: 1 });
    const checkpoints = createCheckpoints();
    const publisher = open(createKafkaPublisher({ connection, topic }));
    await publishEach(publisher, ["0", "1", "2"]);
    const first = createKafkaSubscriber({ connection, topic, group }, { checkpoint: checkpoints.lookup });
    await consume(first, count(3), { save: checkpoints.save });
    await first.close();
    await administer((admin) => admin.deleteTopics({ topics: [topic] }));
    await create(topic, 1);
    await publishEach(open(createKafkaPublisher({ connection, topic })), texts);

    const next = open(createKafkaSubscriber({ connection, topic, group }, { checkpoint: checkpoints.lookup }));
    const { records } = await consume(next, count(texts.length));
    expect(records.map(textOf)).toEqual(texts);
  });

  it("reads a topic from its beginning that is re-created while it runs", async () => {
    const { connection, topic, group, create, administer } = await openTopic({ partitions: 1 });
    const checkpoints = createCheckpoints();
    await publishEach(open(createKafkaPublisher({ connection, topic })), ["0", "1", "2"]);
    const subscriber = open(createKafkaSubscriber({ connection, topic, group }, { checkpoint: checkpoints.lookup }));
    const consuming = consume(subscriber, saw("y"), { save: checkpoints.save });
    await expect.poll(async () => (await checkpoints.lookup(topic, 0))?.next, { timeout: 10_000 }).toBe(3n);
    await administer((admin) => admin.deleteTopics({ topics: [topic] }));
    await create(topic, 1);
    await publishEach(open(createKafkaPublisher({ connection, topic })), ["x", "y"]);

    const { records } = await consuming;
    expect([...new Set(records.map(textOf))]).toEqual(["0", "1", "2", "x", "y"]);
  });
});

describe("a broker that is away", () => {
  afterEach(closeAll);

  it("answers unavailable by the deadline when nothing listens, or nobody answers", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    for (const brokers of [["127.0.0.1:1"], [`127.0.0.1:${port}`]]) {
      const publisher = createKafkaPublisher({ connection: connectionTo(brokers), topic: "none", deadlineMs: 300 });
      const started = performance.now();
      const outcome = await publisher.publish([recordOf("k", "v")]);
      expect(outcome).toMatchObject({ kind: "unavailable", retryAfterSeconds: expect.any(Number) });
      expect(performance.now() - started).toBeLessThan(3_000);
      expect(await publisher.ready()).toBe(false);
      void publisher.close();
    }
    silent.close();
  });

  it("goes on when the broker comes back: nothing acknowledged is missing", { timeout: 90_000 }, async () => {
    const broker = await startTestBroker();
    try {
      const { connection, topic, group } = await openTopic({ brokers: broker.brokers });
      const checkpoints = createCheckpoints();
      const publisher = open(createKafkaPublisher({ connection, topic, deadlineMs: 2_000 }));
      const subscriber = open(createKafkaSubscriber({ connection, topic, group }, { checkpoint: checkpoints.lookup }));
      const acknowledged: string[] = [];
      let finished = false;
      const sawAll = (records: readonly InboundRecord[]) => {
        if (!finished) return false;
        const seen = new Set(records.map(textOf));
        return acknowledged.every((text) => seen.has(text));
      };
      const consuming = consume(subscriber, sawAll, { save: checkpoints.save });
      const publishUntil = async (enough: () => boolean) => {
        for (let n = acknowledged.length; !enough(); n++) {
          const { kind } = await publisher.publish([recordOf(`k${n % 7}`, `${n}`)]);
          if (kind === "acknowledged") acknowledged.push(`${n}`);
        }
      };

      await publishUntil(() => acknowledged.length === 100);
      let restarted = false;
      const restarting = broker.restart().then(() => {
        restarted = true;
      });
      await publishUntil(() => restarted);
      await restarting;
      const before = acknowledged.length;
      await publishUntil(() => acknowledged.length === before + 100);
      finished = true;
      await consuming;
    } finally {
      await closeAll();
      await broker.stop();
    }
  });
});
