import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClickHouseOptions } from "@spanhouse/store/clickhouse";
import { freePort } from "./free-port.ts";
import { reportingOptions, stopProcess } from "./stop-process.ts";

export interface ConsumerProcessOptions {
  /** What Node runs: the built program, or a runner and its source. */
  readonly program: readonly string[];
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly group: string;
  readonly clickhouse: Pick<ClickHouseOptions, "url" | "username" | "password" | "database" | "cluster">;
  /** Of records that name none. */
  readonly topicProject?: string;
  readonly sessionTimeoutMs?: number;
  readonly flushBytes?: number;
  readonly flushMs?: number;
  readonly rollMs?: number;
  /** Of live traces that are kept in memory. */
  readonly liveRows?: number;
  /** After which a connection to ClickHouse that is silent is given up. */
  readonly storeTimeoutMs?: number;
  /** Its output is appended here. */
  readonly logFile: string;
}

/** A consumer in a process of its own, as it is deployed. */
export interface ConsumerProcess {
  readonly pid: number;
  readonly running: boolean;
  /** Records taken so far; undefined while it does not answer. */
  recordsTaken(): Promise<number | undefined>;
  /** A metric of its own by name, summed over its labels; undefined while it does not answer. */
  metric(name: string): Promise<number | undefined>;
  /** The end of its output. */
  lastWords(): string;
  /** In order: when it resolves, everything taken is stored, rolled up and committed. Throws where it failed or hangs. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export const builtConsumer: readonly string[] = [
  join(import.meta.dirname, "..", "..", "..", "services", "consumer", "dist", "main.js"),
];

export async function startConsumerProcess(options: ConsumerProcessOptions): Promise<ConsumerProcess> {
  const metricsPort = await freePort();
  const log = openSync(options.logFile, "a");
  const child = spawn(process.execPath, [...reportingOptions(options.logFile), ...options.program], {
    stdio: ["ignore", log, log],
    env: environmentOf(options, metricsPort),
  });
  closeSync(log);
  const exited = once(child, "exit");
  await once(child, "spawn");
  const lastWords = () => readFileSync(options.logFile, "utf8").slice(-2_000);

  async function metric(name: string): Promise<number | undefined> {
    const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`).catch(() => undefined);
    const text = (await response?.text()) ?? "";
    const found = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"))];
    return found.length > 0 ? found.reduce((sum, [, value]) => sum + Number(value), 0) : undefined;
  }

  return {
    pid: child.pid!,
    get running() {
      return isRunning(child);
    },
    recordsTaken: () => metric("spanhouse_consumer_records_total"),
    metric,
    lastWords,
    async stop() {
      const code = await stopProcess(child, options.logFile);
      if (code !== 0) throw new Error(`the consumer ended with ${code}:\n${lastWords()}`);
    },
    async kill() {
      if (isRunning(child)) child.kill("SIGKILL");
      await exited;
    },
  };
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

function environmentOf(options: ConsumerProcessOptions, metricsPort: number): Record<string, string> {
  const { brokers, topic, group, clickhouse, topicProject, sessionTimeoutMs } = options;
  const { flushBytes, flushMs, rollMs, liveRows, storeTimeoutMs } = options;
  const { cluster } = clickhouse;
  return {
    SPANHOUSE_KAFKA_BROKERS: brokers.join(","),
    SPANHOUSE_KAFKA_TOPIC: topic,
    SPANHOUSE_KAFKA_GROUP: group,
    SPANHOUSE_CLICKHOUSE_URL: clickhouse.url,
    SPANHOUSE_CLICKHOUSE_USER: clickhouse.username ?? "",
    SPANHOUSE_CLICKHOUSE_PASSWORD: clickhouse.password ?? "",
    SPANHOUSE_CLICKHOUSE_DATABASE: clickhouse.database,
    ...(cluster && {
      SPANHOUSE_CLICKHOUSE_CLUSTER: cluster.name,
      SPANHOUSE_CLICKHOUSE_NODES: cluster.nodes?.join(",") ?? "",
      SPANHOUSE_CLICKHOUSE_REPLICAS: String(cluster.replicas),
    }),
    // A ledger knows what calls say; what a tokenizer makes of their texts is no arithmetic of its own.
    SPANHOUSE_ESTIMATES: "off",
    SPANHOUSE_METRICS_HOST: "127.0.0.1",
    SPANHOUSE_METRICS_PORT: String(metricsPort),
    ...(topicProject !== undefined && { SPANHOUSE_TOPIC_PROJECT: topicProject }),
    ...(sessionTimeoutMs !== undefined && { SPANHOUSE_KAFKA_SESSION_TIMEOUT_MS: String(sessionTimeoutMs) }),
    ...(flushBytes !== undefined && { SPANHOUSE_CONSUMER_FLUSH_BYTES: String(flushBytes) }),
    ...(flushMs !== undefined && { SPANHOUSE_CONSUMER_FLUSH_MS: String(flushMs) }),
    ...(rollMs !== undefined && { SPANHOUSE_CONSUMER_ROLL_MS: String(rollMs) }),
    ...(storeTimeoutMs !== undefined && { SPANHOUSE_CLICKHOUSE_TIMEOUT_MS: String(storeTimeoutMs) }),
    ...(liveRows !== undefined && { SPANHOUSE_CONSUMER_LIVE_ROWS: String(liveRows) }),
  };
}
