import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClickHouseOptions } from "@spanhouse/store/clickhouse";
import { until } from "./until.ts";

export interface GatewayProcessOptions {
  /** What Node runs. */
  readonly program: readonly string[];
  readonly port: number;
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly clickhouse: ClickHouseOptions;
  /** Its output is appended here. */
  readonly logFile: string;
}

/** A gateway in a process of its own. */
export interface GatewayProcess {
  /** SIGKILL. */
  kill(): Promise<void>;
}

export const builtGateway: readonly string[] = [
  join(import.meta.dirname, "..", "..", "..", "services", "gateway", "dist", "main.js"),
];

/** Ready when it resolves. */
export async function startGatewayProcess(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const { program, port, brokers, topic, clickhouse, logFile } = options;
  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [...program], {
    stdio: ["ignore", log, log],
    env: {
      SPANHOUSE_GATEWAY_HOST: "127.0.0.1",
      SPANHOUSE_GATEWAY_PORT: String(port),
      SPANHOUSE_GATEWAY_GRPC_PORT: "0",
      SPANHOUSE_KAFKA_BROKERS: brokers.join(","),
      SPANHOUSE_KAFKA_TOPIC: topic,
      SPANHOUSE_CLICKHOUSE_URL: clickhouse.url,
      SPANHOUSE_CLICKHOUSE_USER: clickhouse.username ?? "",
      SPANHOUSE_CLICKHOUSE_PASSWORD: clickhouse.password ?? "",
      SPANHOUSE_CLICKHOUSE_DATABASE: clickhouse.database,
    },
  });
  closeSync(log);
  const exited = once(child, "exit");
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  try {
    await until("the gateway is ready", async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok);
  } catch (error) {
    await kill();
    throw new Error(`the gateway did not start:\n${readFileSync(logFile, "utf8").slice(-2_000)}`, { cause: error });
  }
  return { kill };
}
