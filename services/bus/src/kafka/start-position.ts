import type { Position } from "../bus.ts";

/** What is known of a partition when it is assigned. Offsets of the next record to read. */
export interface PartitionBounds {
  /** The earliest record that the log still has. */
  readonly low: bigint;
  /** The end of the log. */
  readonly high: bigint;
  /** The group's offset, if it has one. */
  readonly committed: bigint | undefined;
  readonly checkpoint: Position | undefined;
}

/** Where reading starts, and which record must still be the one that the checkpoint saw. */
export interface Start {
  readonly low: bigint;
  readonly from: bigint;
  readonly verify?: { readonly offset: bigint; readonly fingerprint: string };
}

/**
 * The lesser of checkpoint and committed offset. A group that has none, because its consumer died between the two, gets
 * the checkpoint's last record once more: working it off moves the offset, which nothing else does at the end of a log
 * that has gone quiet, so that the group would look behind for ever. Without a checkpoint the store knows nothing of this partition, so
 * that it is read from its beginning, and so is a log that ends before the checkpoint: it is another one.
 */
export function startOf({ low, high, committed, checkpoint }: PartitionBounds): Start {
  if (!checkpoint || checkpoint.next > high) return { low, from: low };
  const { next, fingerprint } = checkpoint;
  const least = committed === undefined ? next - 1n : committed < next ? committed : next;
  const from = least > low ? least : low;
  return next > low ? { low, from, verify: { offset: next - 1n, fingerprint } } : { low, from };
}
