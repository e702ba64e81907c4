import type { Batch } from "kafkajs";
import type { Position } from "../bus.ts";
import type { GroupMember } from "./group-member.ts";
import { inboundRecord } from "./inbound-record.ts";
import type { Log } from "./kafka-client.ts";
import { messageOf } from "./kafka-errors.ts";
import type { PartitionReader } from "./partition-reader.ts";
import { createPartitionReader } from "./partition-reader.ts";
import type { ReadAhead } from "./read-ahead.ts";
import { createReadAhead } from "./read-ahead.ts";
import type { Start } from "./start-position.ts";

export interface AssignmentOptions {
  readonly topic: string;
  readonly readAheadBytes: number;
  /** Where the partitions start; asked again until it answers. */
  readonly findStarts: (partitions: readonly number[]) => Promise<ReadonlyMap<number, Start>>;
  readonly log: Log;
}

/**
 * Which partitions are this member's, and how far they are read. Every change is a new generation: the read-ahead is
 * emptied, and what an older one handed out moves no position.
 */
export interface Assignment {
  readonly generation: number;
  readonly readAhead: ReadAhead;
  /** The partitions, each with the offset up to which it is worked off; undefined until its start is known. */
  readonly worked: ReadonlyMap<number, bigint | undefined>;
  assign(member: GroupMember, partitions: readonly number[]): void;
  revoke(): void;
  accept(batch: Batch & { readonly fetchedOffset: string }, resolve: () => void): void;
  skip(partition: number, first: bigint, last: bigint): void;
  /** Sends the positions if this is still their generation; throws what the broker answers. */
  commit(generation: number, positions: readonly Position[]): Promise<boolean>;
}

const retryMs = 500;

export function createAssignment({ topic, readAheadBytes, findStarts, log }: AssignmentOptions): Assignment {
  let generation = 0;
  let member: GroupMember | undefined;
  let worked = new Map<number, bigint | undefined>();
  let readers = new Map<number, PartitionReader>();

  const readAhead = createReadAhead({
    maxBytes: readAheadBytes,
    onFlow: (full) => (full ? member?.pause([...readers.keys()]) : member?.resume([...readers.keys()])),
  });

  function revoke(): void {
    generation += 1;
    member = undefined;
    worked = new Map();
    readers = new Map();
    readAhead.reset(generation);
  }

  function assign(to: GroupMember, partitions: readonly number[]): void {
    revoke();
    member = to;
    worked = new Map(partitions.map((partition) => [partition, undefined]));
    log("info", "partitions assigned", { topic, partitions, generation });
    if (partitions.length === 0) return;
    member.pause(partitions);
    void start(generation, partitions);
  }

  async function start(mine: number, partitions: readonly number[]): Promise<void> {
    const starts = await findStarts(partitions).catch((error: unknown) => {
      log("warn", "start of partitions unknown, asking again", { topic, partitions, error: messageOf(error) });
      return undefined;
    });
    if (mine !== generation || !member) return;
    if (!starts) return void setTimeout(() => mine === generation && start(mine, partitions), retryMs).unref();
    for (const [partition, from] of starts) {
      const reader = createPartitionReader(from);
      readers.set(partition, reader);
      worked.set(partition, from.from);
      member.seek(partition, reader.expected);
    }
    if (!readAhead.full) member.resume(partitions);
  }

  function accept(batch: Batch & { readonly fetchedOffset: string }, resolve: () => void): void {
    const { partition, fetchedOffset } = batch;
    const reader = readers.get(partition);
    if (!reader || !member) return;
    const outcome = reader.read({
      from: BigInt(fetchedOffset),
      last: BigInt(batch.lastOffset()),
      records: batch.messages.map((message) => inboundRecord(topic, partition, message)),
    });
    switch (outcome.kind) {
      case "records":
        resolve();
        readAhead.push(outcome.records);
        break;
      case "seek":
        if (outcome.replaced) {
          log("warn", "another log than at the checkpoint, read from its start", {
            topic,
            partition,
            from: outcome.to,
          });
          worked.set(partition, outcome.to);
        }
        member.seek(partition, outcome.to);
        break;
      case "astray":
        log("warn", "fetched elsewhere than asked, starting anew", { topic, partition, fetchedOffset });
        assign(member, [...worked.keys()]);
    }
  }

  return {
    get generation() {
      return generation;
    },
    get worked() {
      return worked;
    },
    readAhead,
    assign,
    revoke,
    accept,
    skip: (partition, first, last) => readers.get(partition)?.skip(first, last),
    async commit(mine, positions) {
      if (mine !== generation || !member) return false;
      if (positions.length === 0) return true;
      const table = worked;
      await member.commit(positions);
      for (const { partition, next } of positions) table.set(partition, next);
      return true;
    },
  };
}
