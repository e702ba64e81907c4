import { randomUUID } from "node:crypto";
import type { InboundRecord } from "../bus.ts";
import { createKafkaAdmin } from "./kafka-admin.ts";
import type { KafkaConnection } from "./kafka-client.ts";
import { createKafkaSubscriber } from "./kafka-subscriber.ts";

const readAheadBytes = 16 * 1024 * 1024;

/**
 * Every record that is in the topic now, those of one partition in order. Reads as it is iterated, in a group of its own
 * that commits nothing and is deleted at the end. Waits for brokers that are away.
 */
export async function* wholeTopic(connection: KafkaConnection, topic: string): AsyncGenerator<InboundRecord> {
  const admin = createKafkaAdmin(connection);
  const bounds = await admin.use((connected) => connected.fetchTopicOffsets(topic));
  const unread = new Map(
    bounds.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, BigInt(high)]),
  );
  const group = `spanhouse-read-${randomUUID()}`;
  const subscriber = createKafkaSubscriber(
    { connection, topic, group, readAheadBytes },
    { checkpoint: async () => undefined },
  );
  let generation: number | undefined;
  try {
    if (unread.size === 0) return;
    for await (const batch of subscriber.batches({ maxBytes: readAheadBytes, maxWaitMs: 100 })) {
      // Only a broker that lost the group assigns anew: what was read comes again then, and must not be told twice.
      if (batch.records.length > 0) generation ??= batch.generation;
      if (batch.records.length > 0 && batch.generation !== generation) {
        throw new Error(`the group that reads ${topic} was assigned anew: read again from the start`);
      }
      for (const record of batch.records) {
        const end = unread.get(record.partition);
        if (end !== undefined && record.offset < end) yield record;
      }
      for (const { partition, next } of batch.positions) {
        const end = unread.get(partition);
        if (end !== undefined && next >= end) unread.delete(partition);
      }
      if (unread.size === 0) return;
    }
  } finally {
    await subscriber.close();
    await admin.use((connected) => connected.deleteGroups([group])).catch(() => undefined);
    await admin.close();
  }
}
