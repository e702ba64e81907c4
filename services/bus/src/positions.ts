import type { InboundRecord, Position } from "./bus.ts";
import { fingerprintOf } from "./fingerprint.ts";

/** One position for each partition that has records here: behind its last one. */
export function positionsAfter(records: readonly InboundRecord[]): Position[] {
  const last = new Map<number, InboundRecord>();
  for (const record of records) last.set(record.partition, record);
  return [...last.values()].map((record) => ({
    topic: record.topic,
    partition: record.partition,
    next: record.offset + 1n,
    fingerprint: fingerprintOf(record),
    timestamp: record.timestamp,
  }));
}
