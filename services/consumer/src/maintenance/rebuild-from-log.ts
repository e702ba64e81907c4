import { setTimeout as sleep } from "node:timers/promises";
import type { SpanSubscriber } from "@spanhouse/bus/bus";
import type { KafkaConnection } from "@spanhouse/bus/kafka/kafka-client";
import { cannotHeal, isKafkaError, messageOf } from "@spanhouse/bus/kafka/kafka-errors";
import { createKafkaSubscriber } from "@spanhouse/bus/kafka/kafka-subscriber";
import { readLogPositions } from "@spanhouse/bus/kafka/log-positions";
import { type Checkpoints, createCheckpoints } from "@spanhouse/store/checkpoints";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { untraced } from "@spanhouse/tracing/tracing";
import { Registry } from "prom-client";
import { type ConsumerLimits, createConsumer } from "../app.ts";
import { createDeadLetterTable } from "../dead-letter-table.ts";
import type { DerivationSource } from "../derivation.ts";
import { createConsumerMetrics } from "../metrics.ts";
import { withoutNamedProjects } from "../topic-owner.ts";

export interface RebuildFromLogOptions {
  /** The fresh database, migrated, with the rules of the old one. */
  readonly clickhouse: ClickHouse;
  readonly connection: KafkaConnection;
  readonly topic: string;
  /** Of this rebuild alone, the same when it goes on. */
  readonly group: string;
  /** As the consumers of the deployment name it: its checkpoints are theirs afterwards. */
  readonly cluster: string;
  readonly topicOwner: string | undefined;
  readonly topicProject: string;
  readonly derivation: DerivationSource;
  readonly limits: ConsumerLimits;
  readonly signal: AbortSignal;
  readonly log: (message: string, detail?: Readonly<Record<string, unknown>>) => void;
}

/** How far it is: records that are in every table, of those that the log has. */
export interface LogProgress {
  readonly done: bigint;
  readonly of: bigint;
}

const pollMs = 1000;

interface Reached extends LogProgress {
  /** Where the log ends now, by partition. */
  readonly ends: ReadonlyMap<number, bigint>;
  /** Whether everything before these ends is in every table. */
  reached(ends: ReadonlyMap<number, bigint>): boolean;
}

/**
 * Everything that Kafka still has, derived anew into a fresh database by a consumer in this process. It begins where the
 * database's own checkpoints say, so that it goes on where it was stopped or killed. Done when it has come to the end that
 * the log had when it had come to the end before: what is published meanwhile is left to the consumers that take over
 * from the checkpoints. Dead letters go to the table `dead_letters` of the database, not to the topic, which has them.
 * Ends early, without an error, when the signal is aborted.
 */
export async function* rebuildFromLog(options: RebuildFromLogOptions): AsyncGenerator<LogProgress> {
  const { clickhouse, connection, topic, group, cluster, topicOwner, topicProject, derivation, limits, signal, log } =
    options;
  const checkpoints = createCheckpoints(clickhouse);
  const subscribed = subscribe(options, checkpoints);
  const subscriber = topicOwner === undefined ? subscribed : withoutNamedProjects(subscribed);
  const consumer = createConsumer({
    ...{ clickhouse, subscriber, derivation, cluster, topicProject, limits, log },
    deadLetters: createDeadLetterTable(clickhouse),
    tracer: untraced(),
    metrics: createConsumerMetrics(new Registry(), () => subscriber.lag()),
  });
  const ended = consumer.run();
  // Told below, by the race.
  ended.catch(() => undefined);

  /** Undefined: the brokers do not say now. */
  async function progress(): Promise<Reached | undefined> {
    const positions = await readLogPositions(connection, topic, group).catch((error: unknown) => {
      if (!isKafkaError(error) || cannotHeal(error)) throw error;
      log(`Kafka: ${messageOf(error)}`);
      return undefined;
    });
    if (!positions) return undefined;
    const next = new Map<number, bigint>();
    for (const { partition, low } of positions) {
      const checkpoint = await checkpoints.read(cluster, topic, partition);
      next.set(partition, checkpoint && checkpoint.nextOffset > low ? checkpoint.nextOffset : low);
    }
    return {
      done: positions.reduce((sum, { partition, low }) => sum + next.get(partition)! - low, 0n),
      of: positions.reduce((sum, { low, high }) => sum + high - low, 0n),
      ends: new Map(positions.map(({ partition, high }) => [partition, high])),
      reached: (ends) => [...ends].every(([partition, end]) => (next.get(partition) ?? 0n) >= end),
    };
  }

  try {
    let target: ReadonlyMap<number, bigint> | undefined;
    for (let rounds = 0; !signal.aborted; ) {
      const now = await Promise.race([progress(), ended.then(() => "ended" as const)]);
      if (now === "ended") return;
      if (now) yield { done: now.done, of: now.of };
      target ??= now?.ends;
      if (now && target && now.reached(target)) {
        if (++rounds === 2) return;
        target = now.ends;
      } else await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    await consumer.stop();
  }
}

function subscribe(
  { connection, topic, group, cluster }: RebuildFromLogOptions,
  checkpoints: Checkpoints,
): SpanSubscriber {
  return createKafkaSubscriber(
    { connection, topic, group },
    {
      async checkpoint(topic, partition) {
        const found = await checkpoints.read(cluster, topic, partition);
        return (
          found && {
            ...{ topic, partition, next: found.nextOffset },
            ...{ fingerprint: found.fingerprint, timestamp: found.recordTime },
          }
        );
      },
    },
  );
}
