import { existsSync } from "node:fs";
import { join } from "node:path";
import { kafkaVariables } from "@spanhouse/bus/kafka/environment";
import type { KafkaConnection } from "@spanhouse/bus/kafka/kafka-client";
import { kafkaSecurity } from "@spanhouse/bus/kafka/security";
import { type Environment, parseEnvironment } from "@spanhouse/schemas/environment";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { ClickHouse, ClickHouseOptions } from "@spanhouse/store/clickhouse";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { migrate } from "@spanhouse/store/migrate";
import { pino } from "pino";
import { z } from "zod";
import { standaloneConfig } from "./config.ts";
import { findRunning } from "./running-standalone.ts";
import { openStore } from "./store.ts";

/** What a command works on. */
export interface Deployment {
  /** Migrated, may write. */
  readonly clickhouse: ClickHouse;
  /** Where spans go through Kafka. */
  readonly kafka: { readonly connection: KafkaConnection; readonly topic: string } | undefined;
  /** Of the standalone that runs on this data directory. */
  readonly gatewayUrl: string | undefined;
  close(): Promise<void>;
}

/** Options that every command on a deployment takes. */
export const deploymentUsage = `Works on the deployment that SPANHOUSE_CLICKHOUSE_URL (and SPANHOUSE_KAFKA_BROKERS) name; else on the standalone
of the data directory (--data DIR, SPANHOUSE_DATA, default .spanhouse), whether or not it is running.`;

const kafkaShape = z.object({
  ...kafkaVariables,
  SPANHOUSE_KAFKA_BROKERS: kafkaVariables.SPANHOUSE_KAFKA_BROKERS.optional(),
});

/**
 * The deployment that the environment names; else the running standalone of the data directory; else its data, opened
 * for the duration of the command. Throws CONFIG where there is none of them, STORE_UNAVAILABLE where one does not
 * answer.
 */
export async function openDeployment(environment: Environment, dataDir?: string): Promise<Deployment> {
  const config = standaloneConfig(environment);
  const directory = dataDir ?? config.dataDir;
  if (config.clickhouse) return named(config.clickhouse, { kafka: kafkaOf(environment), gatewayUrl: undefined });

  const running = findRunning(directory);
  if (running && (await answers(running.clickhouse))) {
    return named(running.clickhouse, { kafka: undefined, gatewayUrl: running.gatewayUrl });
  }
  if (!existsSync(join(directory, "engine"))) {
    throw new SpanhouseError(
      "CONFIG",
      `expected SPANHOUSE_CLICKHOUSE_URL, or a data directory of spanhouse start; ${directory} is none`,
    );
  }
  const store = await openStore(undefined, directory, pino({ level: config.logLevel }, pino.destination(2)));
  await migrate(store.clickhouse);
  return { clickhouse: store.clickhouse, kafka: undefined, gatewayUrl: undefined, close: () => store.close() };
}

async function named(options: ClickHouseOptions, rest: Pick<Deployment, "kafka" | "gatewayUrl">): Promise<Deployment> {
  const clickhouse = createClickHouse(options);
  try {
    await migrate(clickhouse);
  } catch (error) {
    await clickhouse.close();
    throw error;
  }
  return { clickhouse, ...rest, close: () => clickhouse.close() };
}

async function answers(options: ClickHouseOptions): Promise<boolean> {
  const clickhouse = createClickHouse(options);
  const alive = await clickhouse.ping();
  await clickhouse.close();
  return alive;
}

function kafkaOf(environment: Environment): Deployment["kafka"] {
  const values = parseEnvironment(kafkaShape, environment);
  const { SPANHOUSE_KAFKA_BROKERS: brokers, SPANHOUSE_KAFKA_TOPIC: topic } = values;
  if (brokers === undefined) return undefined;
  return {
    connection: { brokers, ...kafkaSecurity(values), clientId: "spanhouse-command", log: () => undefined },
    topic,
  };
}
