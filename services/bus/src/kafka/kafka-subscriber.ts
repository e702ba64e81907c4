import { setTimeout as delay } from "node:timers/promises";
import type { CheckpointLookup, InboundBatch, SpanSubscriber } from "../bus.ts";
import { positionsAfter } from "../positions.ts";
import { createAssignment } from "./assignment.ts";
import type { GroupMember } from "./group-member.ts";
import { joinGroup } from "./group-member.ts";
import { createKafkaAdmin } from "./kafka-admin.ts";
import type { KafkaConnection } from "./kafka-client.ts";
import { cannotHeal, isFenced, isKafkaError, messageOf } from "./kafka-errors.ts";
import { createPartitionOffsets } from "./partition-offsets.ts";

export interface KafkaSubscriberConfig {
  readonly connection: KafkaConnection;
  readonly topic: string;
  readonly group: string;
  /** Bytes of values read ahead of the consumer; one fetch (16 MiB, or one larger record) may come on top. */
  readonly readAheadBytes?: number;
  readonly sessionTimeoutMs?: number;
}

/** A member of the consumer group, by kafkajs. It joins when `batches` is first asked for. */
export function createKafkaSubscriber(
  config: KafkaSubscriberConfig,
  { checkpoint }: { readonly checkpoint: CheckpointLookup },
): SpanSubscriber {
  const { connection, topic, group, readAheadBytes = 32 * 1024 * 1024, sessionTimeoutMs = 10_000 } = config;
  const { log } = connection;
  const admin = createKafkaAdmin(connection);
  const offsets = createPartitionOffsets({ admin, topic, group, checkpoint });
  const assignment = createAssignment({ topic, readAheadBytes, findStarts: offsets.findStarts, log });
  const closing = new AbortController();
  const closed = new Promise<undefined>((resolve) => {
    closing.signal.addEventListener("abort", () => resolve(undefined));
  });
  let membership: Promise<void> | undefined;

  /** Joins, and joins anew whenever the membership crashes, until closed or until nothing but a person can help. */
  async function stayMember(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const member = await joinGroup(
          connection,
          { topic, group, sessionTimeoutMs },
          {
            revoked: assignment.revoke,
            assigned: assignment.assign,
            fetched: assignment.accept,
            skipped: assignment.skip,
          },
        );
        await crashOrClose(member);
      } catch (error) {
        if (cannotHeal(error)) return assignment.readAhead.fail(error);
        log("warn", "not a member of the group, joining anew", { topic, group, error: messageOf(error) });
      }
      assignment.revoke();
      await delay(1_000, undefined, { signal: closing.signal }).catch(() => {});
    }
  }

  async function crashOrClose(member: GroupMember): Promise<void> {
    const crash = await Promise.race([member.crashed, closed]);
    assignment.revoke();
    await member.leave();
    if (crash) throw crash;
  }

  return {
    redelivers: true,

    async *batches(limits): AsyncGenerator<InboundBatch> {
      membership ??= stayMember();
      for (;;) {
        const taken = await assignment.readAhead.take(limits);
        if (!taken) return;
        yield { ...taken, positions: positionsAfter(taken.records) };
      }
    },

    stored() {},

    holds: (generation) => generation === assignment.generation,

    async commit(generation, positions) {
      while (generation === assignment.generation) {
        try {
          return await assignment.commit(generation, positions);
        } catch (error) {
          if (isFenced(error)) return false;
          if (!isKafkaError(error)) throw error;
          log("warn", "positions not committed yet", { topic, group, error: messageOf(error) });
          await delay(200);
        }
      }
      return false;
    },

    lag: () => offsets.lag(assignment.worked),

    async close() {
      closing.abort();
      assignment.readAhead.close();
      await membership;
      assignment.revoke();
      await admin.close();
    },
  };
}
