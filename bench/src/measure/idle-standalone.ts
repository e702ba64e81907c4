import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { usageOf } from "./process-usage.ts";

export interface IdleStandalone {
  /** Of each start, the first of which makes the tables: ms from the command until it takes spans. */
  readonly readyMs: readonly number[];
  /** Of all its processes, ClickHouse's among them, at the end of the last start's rest. */
  readonly residentBytes: number;
}

const program = join(import.meta.dirname, "..", "..", "..", "services", "standalone", "dist", "main.js");

/** `spanhouse start` with the ClickHouse of its own, several times after each other over the same data, with nothing to do. */
export async function startIdleStandalone({
  starts,
  idleMs,
}: {
  readonly starts: number;
  readonly idleMs: number;
}): Promise<IdleStandalone> {
  const directory = mkdtempSync(join(tmpdir(), "spanhouse-bench-"));
  const readyMs: number[] = [];
  let residentBytes = 0;
  try {
    for (let n = 1; n <= starts; n++) {
      const port = await freePort();
      const logFile = join(directory, "standalone.log");
      const log = openSync(logFile, "a");
      const began = performance.now();
      const child = spawn(process.execPath, [program, "start", "--data", join(directory, "data")], {
        stdio: ["ignore", log, log],
        env: { SPANHOUSE_GATEWAY_PORT: String(port), SPANHOUSE_GATEWAY_GRPC_PORT: "0", SPANHOUSE_QUERY_PORT: "0" },
      });
      closeSync(log);
      const exited = once(child, "exit");
      try {
        while (!(await isReady(port))) {
          if (child.exitCode !== null)
            throw new Error(`standalone ended:\n${readFileSync(logFile, "utf8").slice(-2000)}`);
          await delay(10);
        }
        readyMs.push(performance.now() - began);
        if (n === starts) {
          await delay(idleMs);
          residentBytes = usageOf(child.pid!).residentBytes;
        }
      } finally {
        if (child.exitCode === null) child.kill("SIGTERM");
        await exited;
      }
    }
    return { readyMs, residentBytes };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function isReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
  await answer?.arrayBuffer();
  return answer?.ok ?? false;
}
