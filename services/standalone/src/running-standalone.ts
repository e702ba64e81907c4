import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClickHouseOptions } from "@spanhouse/store/clickhouse";
import { z } from "zod";

const shape = z.object({
  clickhouse: z.object({ url: z.string(), username: z.string(), password: z.string(), database: z.string() }),
  gatewayUrl: z.string(),
  queryUrl: z.string(),
});

/** Where the standalone of a data directory is reached while it runs; for commands on the same machine. */
export interface RunningStandalone {
  /** May write. */
  readonly clickhouse: ClickHouseOptions;
  readonly gatewayUrl: string;
  readonly queryUrl: string;
}

const fileIn = (dataDir: string): string => join(dataDir, "running.json");

/** Readable by its owner alone: it holds the store's password. Returns what removes it. */
export function announceRunning(dataDir: string, { clickhouse, gatewayUrl, queryUrl }: RunningStandalone): () => void {
  const { url, username, password, database } = clickhouse;
  const told = { clickhouse: { url, username, password, database }, gatewayUrl, queryUrl };
  writeFileSync(fileIn(dataDir), `${JSON.stringify(told)}\n`, { mode: 0o600 });
  return () => rmSync(fileIn(dataDir), { force: true });
}

/** What the file says; it may be left by one that was killed. */
export function findRunning(dataDir: string): RunningStandalone | undefined {
  try {
    return shape.parse(JSON.parse(readFileSync(fileIn(dataDir), "utf8")));
  } catch {
    return undefined;
  }
}
