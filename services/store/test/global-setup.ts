import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startEmbeddedServer } from "../src/server/embedded-server.ts";

export interface TestServer {
  readonly url: string;
  /** Absent when the URL carries them. */
  readonly writer?: { readonly username: string; readonly password: string };
  readonly reader?: { readonly username: string; readonly password: string };
}

declare module "vitest" {
  interface ProvidedContext {
    clickhouse: TestServer;
  }
}

/** One ClickHouse for all tests of a run: SPANHOUSE_TEST_CLICKHOUSE_URL, else an embedded one in a fresh directory. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const external = process.env.SPANHOUSE_TEST_CLICKHOUSE_URL;
  if (external !== undefined && external !== "") {
    project.provide("clickhouse", { url: external });
    return async () => undefined;
  }
  const dataDir = mkdtempSync(join(tmpdir(), "spanhouse clickhouse "));
  const { url, username, password, reader, stop } = await startEmbeddedServer({ dataDir });
  project.provide("clickhouse", { url, writer: { username, password }, reader });
  return async () => {
    await stop();
    rmSync(dataDir, { recursive: true });
  };
}
