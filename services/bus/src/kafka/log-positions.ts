import type { KafkaConnection } from "./kafka-client.ts";
import { createKafkaClient } from "./kafka-client.ts";

/** Where a partition of the span log is, as the broker tells it. */
export interface LogPosition {
  readonly partition: number;
  /** The first offset that is still there, and the next that will be written. */
  readonly low: bigint;
  readonly high: bigint;
  /** The group's; undefined: it has none. */
  readonly committed: bigint | undefined;
}

export async function readLogPositions(
  connection: KafkaConnection,
  topic: string,
  group: string,
): Promise<readonly LogPosition[]> {
  const admin = createKafkaClient(connection).admin();
  await admin.connect();
  try {
    const [bounds, [offsets]] = await Promise.all([
      admin.fetchTopicOffsets(topic),
      admin.fetchOffsets({ groupId: group, topics: [topic] }),
    ]);
    const committed = new Map(offsets?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
    return bounds
      .map(({ partition, low, high }) => {
        const offset = committed.get(partition) ?? -1n;
        return { partition, low: BigInt(low), high: BigInt(high), committed: offset < 0n ? undefined : offset };
      })
      .sort((a, b) => a.partition - b.partition);
  } finally {
    await admin.disconnect();
  }
}
