import { recordHeader } from "@spanhouse/bus/bus";
import { createKafkaClient, type KafkaConnection } from "@spanhouse/bus/kafka/kafka-client";
import { type LogPosition, readLogPositions } from "@spanhouse/bus/kafka/log-positions";
import { createRecordSender, type OutgoingRecord } from "@spanhouse/bus/kafka/record-sender";
import { ensureTopic } from "@spanhouse/bus/kafka/topic";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { Delivery } from "../generator/deliveries.ts";
import { createRandom } from "../generator/random.ts";
import { until } from "./until.ts";

/** The topic of one run and its consumer group, as an operator sees them. */
export interface SpanLog {
  readonly topic: string;
  readonly group: string;
  /** Resolves when the broker has acknowledged all of it, however often it must be sent. */
  publish(deliveries: readonly Delivery[], seed: number): Promise<void>;
  positions(): Promise<readonly LogPosition[]>;
  groupState(): Promise<{ readonly state: string; readonly members: number }>;
  addPartitions(count: number): Promise<void>;
  /** Records that were given up as dead letters. */
  deadLetters(): Promise<number>;
}

const firstPartitions = 8;
const maxMessageBytes = 10_000_000;

export async function createSpanLog(brokers: readonly string[], topic: string): Promise<SpanLog> {
  const connection: KafkaConnection = { brokers, clientId: "spanhouse-chaos", log: () => undefined };
  const group = `${topic}-consumers`;
  await ensureTopic(connection, { topic, partitions: firstPartitions, maxMessageBytes });

  type Admin = ReturnType<ReturnType<typeof createKafkaClient>["admin"]>;
  async function asked<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = createKafkaClient(connection).admin();
    try {
      await admin.connect();
      return await question(admin);
    } finally {
      await admin.disconnect();
    }
  }

  return {
    topic,
    group,
    async publish(deliveries, seed) {
      const records = disordered(deliveries, seed);
      const sender = createRecordSender({ connection, topic });
      try {
        await until("Kafka takes the records", async () => (await sender.send(records)).kind === "acknowledged");
      } finally {
        await sender.close();
      }
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
    deadLetters: () =>
      asked(async (admin) => {
        const box = `${topic}.dlq`;
        if (!(await admin.listTopics()).includes(box)) return 0;
        return (await admin.fetchTopicOffsets(box)).reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
      }),
  };
}

/** Upstream at its worst: every order, some records twice, some without a key, some under a key that is not theirs. */
function disordered(deliveries: readonly Delivery[], seed: number): OutgoingRecord[] {
  const random = createRandom(seed, disorderStream);
  const records = deliveries.flatMap(({ traceId, project, request }) => {
    const key = random.chance(0.05) ? null : random.chance(0.05) ? random.hex(16) : traceId;
    const headers = { [recordHeader.contentType]: "application/x-protobuf", [recordHeader.project]: project };
    const record = { key, value: encodeTraces(request), headers };
    return random.chance(0.05) ? [record, { ...record, key: traceId }] : [record];
  });
  for (let i = records.length - 1; i > 0; i--) {
    const j = random.int(0, i);
    [records[i], records[j]] = [records[j]!, records[i]!];
  }
  return records;
}

/** Apart from the streams of the generator. */
const disorderStream = 0xd150;
