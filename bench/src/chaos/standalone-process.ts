import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import type { ClickHouseOptions } from "@spanhouse/store/clickhouse";
import { reportingOptions, stopProcess } from "../measure/stop-process.ts";
import { until } from "./until.ts";

export interface StandaloneProcessOptions {
  /** What Node runs as `spanhouse`. */
  readonly program: readonly string[];
  /** Of the gateway; those of gRPC and the query API are any. */
  readonly port: number;
  readonly clickhouse: ClickHouseOptions;
  readonly storeTimeoutMs: number;
  readonly dataDir: string;
  /** Its output is appended here. */
  readonly logFile: string;
}

/** `spanhouse start` in a process of its own. */
export interface StandaloneProcess {
  readonly pid: number;
  readonly running: boolean;
  lastWords(): string;
  kill(): Promise<void>;
  /** SIGTERM: what it has accepted is rolled up when it resolves. Throws where it failed or hangs. */
  stop(): Promise<void>;
}

/** Takes spans when it resolves. */
export async function startStandaloneProcess(options: StandaloneProcessOptions): Promise<StandaloneProcess> {
  const { program, port, clickhouse, storeTimeoutMs, dataDir, logFile } = options;
  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [...reportingOptions(logFile), ...program, "start", "--data", dataDir], {
    stdio: ["ignore", log, log],
    env: {
      SPANHOUSE_GATEWAY_PORT: String(port),
      SPANHOUSE_GATEWAY_GRPC_PORT: "0",
      SPANHOUSE_QUERY_PORT: "0",
      SPANHOUSE_CLICKHOUSE_URL: clickhouse.url,
      SPANHOUSE_CLICKHOUSE_USER: clickhouse.username ?? "",
      SPANHOUSE_CLICKHOUSE_PASSWORD: clickhouse.password ?? "",
      SPANHOUSE_CLICKHOUSE_DATABASE: clickhouse.database,
      SPANHOUSE_CLICKHOUSE_TIMEOUT_MS: String(storeTimeoutMs),
      SPANHOUSE_ESTIMATES: "off",
    },
  });
  closeSync(log);
  const exited = once(child, "exit");
  const running = () => child.exitCode === null && child.signalCode === null;
  const lastWords = () => readFileSync(logFile, "utf8").slice(-2_000);
  const started: StandaloneProcess = {
    pid: child.pid!,
    get running() {
      return running();
    },
    lastWords,
    async kill() {
      if (running()) child.kill("SIGKILL");
      await exited;
    },
    async stop() {
      const code = await stopProcess(child, logFile);
      if (code !== 0) throw new Error(`standalone ended with ${code}:\n${lastWords()}`);
    },
  };
  try {
    await until("standalone is ready", async () => {
      if (!running()) throw new Error("it has ended");
      return (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok;
    });
    return started;
  } catch (error) {
    await started.kill();
    throw new Error(`standalone did not start:\n${lastWords()}`, { cause: error });
  }
}
