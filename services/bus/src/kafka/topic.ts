import type { KafkaConnection } from "./kafka-client.ts";
import { createKafkaClient } from "./kafka-client.ts";

export interface TopicShape {
  readonly topic: string;
  readonly partitions: number;
  /** Bytes of a record batch; Kafka's `max.message.bytes`. */
  readonly maxMessageBytes?: number;
}

/** Creates the topic if there is none: for a developer's broker. An existing one is left as it is. */
export async function ensureTopic(connection: KafkaConnection, shape: TopicShape): Promise<void> {
  const { topic, partitions, maxMessageBytes } = shape;
  const configEntries = maxMessageBytes ? [{ name: "max.message.bytes", value: String(maxMessageBytes) }] : [];
  const admin = createKafkaClient(connection).admin();
  await admin.connect();
  try {
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: partitions, configEntries }] });
  } finally {
    await admin.disconnect();
  }
}
