import { createKafkaClient, type KafkaConnection } from "@spanhouse/bus/kafka/kafka-client";
import { type LogPosition, readLogPositions } from "@spanhouse/bus/kafka/log-positions";
import { ensureTopic } from "@spanhouse/bus/kafka/topic";
import { wholeTopic } from "@spanhouse/bus/kafka/whole-topic";
import kafkajs, { type Message } from "kafkajs";
import type { Delivery } from "../generator/deliveries.ts";
import { until } from "./until.ts";
import { disordered, poisonRecord } from "./upstream.ts";

/** The topic of one run and its consumer group, as an operator sees them. */
export interface SpanLog {
  readonly topic: string;
  readonly group: string;
  /** Resolves when the broker has acknowledged all of it, however often it must be sent. */
  publish(deliveries: readonly Delivery[], seed: number): Promise<void>;
  /** The same with records among them that nobody can read: first, last and in the middle of every partition. */
  publishPoisoned(deliveries: readonly Delivery[], seed: number): Promise<void>;
  positions(): Promise<readonly LogPosition[]>;
  groupState(): Promise<{ readonly state: string; readonly members: number }>;
  addPartitions(count: number): Promise<void>;
  /** Deletes the topic and creates it anew. */
  recreate(): Promise<void>;
  /** The id of the broker that leads a partition; -1 while there is none. */
  leaderOf(partition: number): Promise<number>;
  /** Dead letters that are none of the poison, and poison that is no dead letter. A letter may be there twice. */
  wrongLetters(): Promise<number>;
}

const firstPartitions = 8;
const maxMessageBytes = 10_000_000;
/** All of a request may fall on one partition, whose batches have a greatest size. */
const recordsPerSend = 500;

export async function createSpanLog(brokers: readonly string[], topic: string): Promise<SpanLog> {
  const connection: KafkaConnection = { brokers, clientId: "spanhouse-chaos", log: () => undefined };
  const group = `${topic}-consumers`;
  await ensureTopic(connection, { topic, partitions: firstPartitions, maxMessageBytes });
  const letterBox = `${topic}.dlq`;
  await ensureTopic(connection, { topic: letterBox, partitions: 1, maxMessageBytes });

  type Admin = ReturnType<ReturnType<typeof createKafkaClient>["admin"]>;
  /** Until some broker answers: behind a proxy, one that is away is a connection that closes. */
  async function asked<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    let answer: { readonly said: T } | undefined;
    await until("a broker answers", async () => {
      const admin = createKafkaClient(connection).admin();
      try {
        await admin.connect();
        answer = { said: await question(admin) };
        return true;
      } finally {
        await admin.disconnect();
      }
    });
    return answer!.said;
  }

  const poison = new Set<string>();

  async function publishAll(messages: readonly Message[]): Promise<void> {
    const producer = createKafkaClient(connection).producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      retry: { retries: 0 },
    });
    try {
      await until("Kafka takes the records", async () => {
        await producer.connect();
        for (let i = 0; i < messages.length; i += recordsPerSend) {
          await producer.send({ topic, acks: -1, messages: messages.slice(i, i + recordsPerSend) });
        }
        return true;
      });
    } finally {
      await producer.disconnect();
    }
  }

  const partitionCount = () =>
    asked(async (admin) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]!.partitions.length;
    });

  return {
    topic,
    group,
    async publish(deliveries, seed) {
      await publishAll(disordered(deliveries, seed, await partitionCount()));
    },
    async publishPoisoned(deliveries, seed) {
      const partitions = await partitionCount();
      const everywhere = (position: number) =>
        Array.from({ length: partitions }, (_, partition) => ({
          ...poisonRecord(seed, position * partitions + partition),
          partition,
        }));
      const good = disordered(deliveries, seed, partitions);
      const half = good.length >> 1;
      const bad = [everywhere(0), everywhere(1), everywhere(2)] as const;
      for (const { value } of bad.flat()) poison.add(value.toString("hex"));
      await publishAll([...bad[0], ...good.slice(0, half), ...bad[1], ...good.slice(half), ...bad[2]]);
    },
    positions: () => readLogPositions(connection, topic, group),
    groupState: () =>
      asked(async (admin) => {
        const { groups } = await admin.describeGroups([group]);
        return { state: groups[0]?.state ?? "Dead", members: groups[0]?.members.length ?? 0 };
      }),
    async addPartitions(count) {
      await asked((admin) => admin.createPartitions({ topicPartitions: [{ topic, count }] }));
      await until(
        `${count} partitions`,
        async () => (await readLogPositions(connection, topic, group)).length === count,
      );
    },
    async recreate() {
      await asked((admin) => admin.deleteTopics({ topics: [topic] }));
      await until("the topic is gone", async () => !(await asked((admin) => admin.listTopics())).includes(topic));
      await ensureTopic(connection, { topic, partitions: firstPartitions, maxMessageBytes });
    },
    leaderOf: (partition) =>
      asked(async (admin) => {
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
        return topics[0]!.partitions.find(({ partitionId }) => partitionId === partition)!.leader;
      }),
    async wrongLetters() {
      const letters = new Set<string>();
      for await (const { value } of wholeTopic(connection, letterBox)) letters.add(Buffer.from(value).toString("hex"));
      const either = new Set([...letters, ...poison]);
      return [...either].filter((value) => !letters.has(value) || !poison.has(value)).length;
    },
  };
}
