import type { Batch, EachBatchPayload } from "kafkajs";
import kafkajs from "kafkajs";
import type { Position } from "../bus.ts";
import { createKafkaClient, type KafkaConnection } from "./kafka-client.ts";
import { isExpelled, isKafkaError } from "./kafka-errors.ts";
import { createKafkaSockets } from "./kafka-sockets.ts";

export interface MembershipOptions {
  readonly topic: string;
  readonly group: string;
  /** After this long without a heartbeat the group gives a member's partitions to others. */
  readonly sessionTimeoutMs: number;
}

export interface MembershipEvents {
  /** The partitions are no longer this member's: it is about to join anew. */
  readonly revoked: () => void;
  readonly assigned: (member: GroupMember, partitions: readonly number[]) => void;
  /** Must return soon, and call `resolve` if the next fetch shall go on behind this one. */
  readonly fetched: (batch: Batch & { readonly fetchedOffset: string }, resolve: () => void) => void;
  /** A fetch brought offsets without a record (transaction markers); the next one goes on behind them. */
  readonly skipped: (partition: number, first: bigint, last: bigint) => void;
}

/** One membership of the group, until it crashes or leaves. It never comes back: join a new one. */
export interface GroupMember {
  pause(partitions: readonly number[]): void;
  resume(partitions: readonly number[]): void;
  seek(partition: number, offset: bigint): void;
  /** Sent once, with the generation that the group has for this member at the moment of the call. */
  commit(positions: readonly Position[]): Promise<void>;
  /** Resolves with the reason when the membership has crashed. */
  readonly crashed: Promise<Error>;
  leave(): Promise<void>;
}

/**
 * Joins the group and starts fetching. What kafkajs 2.2.4 is known for, and the answers here:
 * it has no revoke callback, but asks the assigner for its protocol right before every join; `consumer.commitOffsets`
 * retries across a rejoin, so that an old generation's offsets would pass under the new one, but the commit of the
 * `eachBatch` payload is sent once; its own restarts hide what happened, so they are off. Expelled by its group, for want
 * of heartbeats in time, it may go on fetching without one, so that a commit that is refused for this ends the membership.
 */
export async function joinGroup(
  connection: KafkaConnection,
  options: MembershipOptions,
  events: MembershipEvents,
): Promise<GroupMember> {
  const { topic, group, sessionTimeoutMs } = options;
  /** Kafkajs believes so; while it joins anew by itself, the answer to an older commit says nothing new. */
  let joined = false;
  let send: EachBatchPayload["commitOffsetsIfNecessary"] | undefined;

  const sockets = createKafkaSockets();
  const consumer = createKafkaClient(connection, sockets.open).consumer({
    groupId: group,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: sessionTimeoutMs / 10,
    rebalanceTimeout: sessionTimeoutMs * 2,
    maxBytesPerPartition: 4 * 1024 * 1024,
    maxBytes: 16 * 1024 * 1024,
    maxWaitTimeInMs: 250,
    // So long may partitions that were added stay unread; kafkajs asks every five minutes where it is not told.
    metadataMaxAge: 30_000,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 4, restartOnFailure: async () => false },
    partitionAssigners: [
      (config) => {
        const roundRobin = kafkajs.PartitionAssigners.roundRobin(config);
        return {
          ...roundRobin,
          protocol(subscription) {
            joined = false;
            events.revoked();
            return roundRobin.protocol(subscription);
          },
        };
      },
    ],
  });

  const { promise: crashed, resolve: crash } = withResolvers<Error>();
  const member: GroupMember = {
    pause: (partitions) => ifRunning(() => consumer.pause([{ topic, partitions: [...partitions] }])),
    resume: (partitions) => ifRunning(() => consumer.resume([{ topic, partitions: [...partitions] }])),
    seek: (partition, offset) => ifRunning(() => consumer.seek({ topic, partition, offset: String(offset) })),
    async commit(positions) {
      if (!send) throw new Error("nothing was read by this member, so it has nothing to commit");
      const partitions = positions.map(({ partition, next }) => ({ partition, offset: String(next) }));
      try {
        await send({ topics: [{ topic, partitions }] });
      } catch (error) {
        if (isExpelled(error) && joined) crash(error as Error);
        throw error;
      }
    },
    crashed,
    async leave() {
      await consumer.disconnect().finally(sockets.close);
    },
  };

  consumer.on(consumer.events.CRASH, ({ payload }) => crash(payload.error));
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    joined = true;
    events.assigned(member, payload.memberAssignment[topic] ?? []);
  });
  consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
    if (payload.batchSize > 0 || payload.firstOffset === null) return;
    events.skipped(payload.partition, BigInt(payload.firstOffset), BigInt(payload.lastOffset));
  });

  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset, commitOffsetsIfNecessary }) => {
        send = commitOffsetsIfNecessary;
        const lastRecord = batch.messages.at(-1)!;
        events.fetched(batch as Batch & { fetchedOffset: string }, () => resolveOffset(lastRecord.offset));
      },
    });
  } catch (error) {
    await member.leave().catch(() => {});
    throw error;
  }
  return member;
}

/** kafkajs throws where a consumer has just crashed; then there is nothing to steer any more. */
function ifRunning(steer: () => void): void {
  try {
    steer();
  } catch (error) {
    if (!isKafkaError(error)) throw error;
  }
}

function withResolvers<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
