import { kafkaVariables } from "@spanhouse/bus/kafka/environment";
import { type KafkaSecurity, kafkaSecurity } from "@spanhouse/bus/kafka/security";
import type { Environment } from "@spanhouse/schemas/environment";
import { byteCount, milliseconds, parseEnvironment, portNumber } from "@spanhouse/schemas/environment";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { ClickHouseOptions } from "@spanhouse/store/clickhouse";
import { clickHouseOptions, clickHouseVariables } from "@spanhouse/store/environment";
import { isProjectName } from "@spanhouse/store/projects";
import { z } from "zod";
import type { ConsumerLimits } from "./app.ts";
import type { DerivationOptions } from "./derivation.ts";
import { topicOwner } from "./topic-owner.ts";

const MiB = 1024 * 1024;

export const defaultLimits: ConsumerLimits = { flushBytes: 32 * MiB, flushMs: 500, rollMs: 3_000, liveRows: 100_000 };

export interface ConsumerConfig {
  readonly kafka: {
    readonly brokers: readonly string[];
    readonly topic: string;
    readonly security: KafkaSecurity;
    readonly group: string;
    /** Names the cluster among others that feed the same store. */
    readonly cluster: string;
    readonly readAheadBytes: number;
    readonly sessionTimeoutMs: number;
  };
  readonly clickhouse: ClickHouseOptions;
  /** The project to which the topic belongs, so that no record may name another; undefined: records name theirs. */
  readonly topicOwner: string | undefined;
  /** The project of records without the header; empty: such records are dead letters. */
  readonly topicProject: string;
  readonly metricsHost: string;
  readonly metricsPort: number;
  readonly limits: ConsumerLimits;
  readonly derivation: DerivationOptions;
}

/** What spans mean beside what they say; every process that derives them must have the same. */
export const derivationVariables = {
  SPANHOUSE_OWNERSHIP_FILE: z.string().default(""),
  SPANHOUSE_ESTIMATES: z.enum(["on", "off"]).default("on"),
} as const;

export function derivationOptions(values: z.infer<z.ZodObject<typeof derivationVariables>>): DerivationOptions {
  return { ownershipFile: values.SPANHOUSE_OWNERSHIP_FILE, estimates: values.SPANHOUSE_ESTIMATES === "on" };
}

const variables = z.object({
  ...kafkaVariables,
  ...clickHouseVariables,
  ...derivationVariables,
  SPANHOUSE_KAFKA_GROUP: z.string().default("spanhouse"),
  SPANHOUSE_KAFKA_CLUSTER: z.string().default("kafka"),
  SPANHOUSE_KAFKA_SESSION_TIMEOUT_MS: milliseconds(1_000).default(10_000),
  SPANHOUSE_KAFKA_PROJECT_TOPIC_PREFIX: z.string().default(""),
  SPANHOUSE_TOPIC_PROJECT: z.string().default(""),
  SPANHOUSE_CONSUMER_READ_AHEAD_BYTES: byteCount(MiB).default(defaultLimits.flushBytes),
  SPANHOUSE_CONSUMER_FLUSH_BYTES: byteCount(1).default(defaultLimits.flushBytes),
  SPANHOUSE_CONSUMER_FLUSH_MS: milliseconds(1).default(defaultLimits.flushMs),
  SPANHOUSE_CONSUMER_ROLL_MS: milliseconds(1).default(defaultLimits.rollMs),
  SPANHOUSE_CONSUMER_LIVE_ROWS: byteCount(0).default(defaultLimits.liveRows),
  SPANHOUSE_METRICS_HOST: z.string().default("0.0.0.0"),
  SPANHOUSE_METRICS_PORT: portNumber().default(9464),
});

/** Throws CONFIG naming what is wrong. */
export function consumerConfig(environment: Environment): ConsumerConfig {
  const values = parseEnvironment(variables, environment);
  const owner = topicOwner(values.SPANHOUSE_KAFKA_TOPIC, values.SPANHOUSE_KAFKA_PROJECT_TOPIC_PREFIX);
  if (owner !== undefined && !isProjectName(owner)) {
    throw new SpanhouseError(
      "CONFIG",
      `SPANHOUSE_KAFKA_TOPIC: expected SPANHOUSE_KAFKA_PROJECT_TOPIC_PREFIX and a project's name; got ${JSON.stringify(values.SPANHOUSE_KAFKA_TOPIC)}`,
    );
  }
  return {
    kafka: {
      brokers: values.SPANHOUSE_KAFKA_BROKERS,
      topic: values.SPANHOUSE_KAFKA_TOPIC,
      security: kafkaSecurity(values),
      group: values.SPANHOUSE_KAFKA_GROUP,
      cluster: values.SPANHOUSE_KAFKA_CLUSTER,
      readAheadBytes: values.SPANHOUSE_CONSUMER_READ_AHEAD_BYTES,
      sessionTimeoutMs: values.SPANHOUSE_KAFKA_SESSION_TIMEOUT_MS,
    },
    clickhouse: clickHouseOptions(values),
    topicOwner: owner,
    topicProject: owner ?? values.SPANHOUSE_TOPIC_PROJECT,
    derivation: derivationOptions(values),
    metricsHost: values.SPANHOUSE_METRICS_HOST,
    metricsPort: values.SPANHOUSE_METRICS_PORT,
    limits: {
      flushBytes: values.SPANHOUSE_CONSUMER_FLUSH_BYTES,
      flushMs: values.SPANHOUSE_CONSUMER_FLUSH_MS,
      rollMs: values.SPANHOUSE_CONSUMER_ROLL_MS,
      liveRows: values.SPANHOUSE_CONSUMER_LIVE_ROWS,
    },
  };
}
