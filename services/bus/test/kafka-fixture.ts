import { randomUUID } from "node:crypto";
import { testBrokers } from "../../../infra/kafka/test-brokers.ts";
import type { KafkaConnection } from "../src/kafka/kafka-client.ts";
import { createKafkaClient } from "../src/kafka/kafka-client.ts";
import { ensureTopic } from "../src/kafka/topic.ts";

export function connectionTo(brokers: readonly string[], clientId = "test"): KafkaConnection {
  return {
    brokers,
    clientId,
    log: () => {},
  };
}

/** A topic with a random name, on the run's broker unless another is named. */
export async function openTopic(options: { brokers?: readonly string[]; partitions?: number } = {}) {
  const { brokers = await testBrokers(), partitions = 4 } = options;
  const connection = connectionTo(brokers);
  const topic = `spans-${randomUUID()}`;
  const create = (name: string, count: number) =>
    ensureTopic(connection, { topic: name, partitions: count, maxMessageBytes: 16_000_000 });
  await create(topic, partitions);

  async function administer<T>(work: (admin: ReturnType<ReturnType<typeof createKafkaClient>["admin"]>) => Promise<T>) {
    const admin = createKafkaClient(connection).admin();
    await admin.connect();
    return work(admin).finally(() => admin.disconnect());
  }

  return { brokers, connection, topic, group: `group-${randomUUID()}`, create, administer };
}

export type TestTopic = Awaited<ReturnType<typeof openTopic>>;
