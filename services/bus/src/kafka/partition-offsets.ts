import type { CheckpointLookup } from "../bus.ts";
import type { KafkaAdmin } from "./kafka-admin.ts";
import type { Start } from "./start-position.ts";
import { startOf } from "./start-position.ts";

export interface PartitionOffsetsOptions {
  readonly admin: KafkaAdmin;
  readonly topic: string;
  readonly group: string;
  readonly checkpoint: CheckpointLookup;
}

/** What broker and store know of the partitions' offsets. */
export interface PartitionOffsets {
  findStarts(partitions: readonly number[]): Promise<ReadonlyMap<number, Start>>;
  /** From the offset up to which each partition is worked off (undefined: none of it) to its end. */
  lag(worked: ReadonlyMap<number, bigint | undefined>): Promise<ReadonlyMap<number, bigint>>;
}

export function createPartitionOffsets({ admin, topic, group, checkpoint }: PartitionOffsetsOptions): PartitionOffsets {
  async function bounds() {
    const offsets = await admin.use((connected) => connected.fetchTopicOffsets(topic));
    return new Map(offsets.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]));
  }

  /** Negative offsets mean that the group has none. */
  async function committedOffsets() {
    const [answer] = await admin.use((connected) => connected.fetchOffsets({ groupId: group, topics: [topic] }));
    const known = (answer?.partitions ?? []).filter(({ offset }) => BigInt(offset) >= 0n);
    return new Map(known.map(({ partition, offset }) => [partition, BigInt(offset)]));
  }

  return {
    async findStarts(partitions) {
      const [log, committed] = await Promise.all([bounds(), committedOffsets()]);
      const starts = partitions.map(async (partition): Promise<[number, Start]> => {
        const ends = log.get(partition);
        if (!ends) throw new Error(`broker names no offsets of ${topic}/${partition}`);
        const known = await checkpoint(topic, partition);
        return [partition, startOf({ ...ends, committed: committed.get(partition), checkpoint: known })];
      });
      return new Map(await Promise.all(starts));
    },

    async lag(worked) {
      if (worked.size === 0) return new Map();
      const log = await bounds();
      const behind = [...worked].flatMap(([partition, offset]): [number, bigint][] => {
        const ends = log.get(partition);
        return ends ? [[partition, ends.high - (offset ?? ends.low)]] : [];
      });
      return new Map(behind);
    },
  };
}
