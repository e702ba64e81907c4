import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ClickHouseOptions } from "@spanhouse/store/clickhouse";
import { freePort } from "./free-port.ts";

/** A query API in a process of its own, as it is deployed. */
export interface QueryProcess {
  readonly url: string;
  stop(): Promise<void>;
}

export const builtQuery: readonly string[] = [
  join(import.meta.dirname, "..", "..", "..", "services", "query", "dist", "main.js"),
];

/** Answers when it resolves. `program`: what Node runs. */
export async function startQueryProcess(
  program: readonly string[],
  clickhouse: ClickHouseOptions,
  logFile: string,
): Promise<QueryProcess> {
  const port = await freePort();
  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [...program], {
    stdio: ["ignore", log, log],
    env: {
      SPANHOUSE_QUERY_HOST: "127.0.0.1",
      SPANHOUSE_QUERY_PORT: String(port),
      SPANHOUSE_CLICKHOUSE_URL: clickhouse.url,
      SPANHOUSE_CLICKHOUSE_USER: clickhouse.username ?? "",
      SPANHOUSE_CLICKHOUSE_PASSWORD: clickhouse.password ?? "",
      SPANHOUSE_CLICKHOUSE_DATABASE: clickhouse.database,
    },
  });
  closeSync(log);
  const exited = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  while (
    !(await fetch(`${url}/health/ready`).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null)
      throw new Error(`the query API ended:\n${readFileSync(logFile, "utf8").slice(-2_000)}`);
    await delay(50);
  }
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
