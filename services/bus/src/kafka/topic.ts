import { setTimeout as delay } from "node:timers/promises";
import type { Admin } from "kafkajs";
import type { KafkaConnection } from "./kafka-client.ts";
import { createKafkaClient } from "./kafka-client.ts";
import { messageOf } from "./kafka-errors.ts";

export interface TopicShape {
  readonly topic: string;
  readonly partitions: number;
  /** Bytes of a record batch; Kafka's `max.message.bytes`. */
  readonly maxMessageBytes?: number;
}

/**
 * Creates the topic if there is none and waits until it can be used: for a developer's broker. An existing one is left
 * as it is.
 */
export async function ensureTopic(connection: KafkaConnection, shape: TopicShape): Promise<void> {
  const { topic, partitions, maxMessageBytes } = shape;
  const configEntries = maxMessageBytes ? [{ name: "max.message.bytes", value: String(maxMessageBytes) }] : [];
  const admin = createKafkaClient(connection).admin();
  await admin.connect();
  try {
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }], waitForLeaders: false });
    await answeringLeaders(admin, topic);
  } finally {
    await admin.disconnect();
  }
}

/** kafkajs's own wait gives up when a broker has not heard of the topic yet, and ends before its leaders answer. */
async function answeringLeaders(admin: Admin, topic: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    try {
      await admin.fetchTopicOffsets(topic);
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw new Error(`topic ${topic} was created but its leaders do not answer: ${messageOf(error)}`);
      }
      await delay(50);
    }
  }
}
