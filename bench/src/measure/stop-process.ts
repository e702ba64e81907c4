import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** So long that only what hangs takes it: a store that is away while a consumer stops is given up after 20 s. */
const patienceMs = 90_000;
const reportMs = 10_000;

/** What Node is started with, so that `stopProcess` can tell what held it. `logFile`: the process's own. */
export function reportingOptions(logFile: string): readonly string[] {
  return [
    ...["--report-on-signal", "--report-signal=SIGQUIT", "--report-compact"],
    ...[`--report-directory=${dirname(logFile)}`, `--report-filename=${reportName(logFile)}`],
  ];
}

/** SIGTERM, then its exit code. Throws where it does not end, with what keeps it; then it is killed. */
export async function stopProcess(child: ChildProcess, logFile: string): Promise<number | null> {
  const exited = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
  child.kill("SIGTERM");
  const waiting = new AbortController();
  const late = delay(patienceMs, "late" as const, { signal: waiting.signal }).catch(() => "in time" as const);
  const outcome = await Promise.race([exited, late]);
  waiting.abort();
  if (outcome !== "late") return child.exitCode;
  const held = await whatHolds(child, logFile).catch((error: unknown) => `it does not say: ${error}`);
  child.kill("SIGKILL");
  await exited;
  throw new Error(`process ${child.pid} did not end within ${patienceMs / 1000} s of SIGTERM; ${held}`);
}

const reportName = (logFile: string) => `${basename(logFile)}.report.json`;

interface Report {
  readonly javascriptStack?: { readonly stack?: readonly string[] };
  readonly libuv: readonly Readonly<Record<string, unknown>>[];
}

/** Handles that keep the event loop alive, and where it is just now. */
async function whatHolds(child: ChildProcess, logFile: string): Promise<string> {
  const path = `${dirname(logFile)}/${reportName(logFile)}`;
  child.kill("SIGQUIT");
  const deadline = performance.now() + reportMs;
  let report: Report | undefined;
  for (let failure: unknown; !report; await delay(100)) {
    if (performance.now() > deadline) throw failure;
    try {
      report = JSON.parse(await readFile(path, "utf8")) as Report;
    } catch (error) {
      failure = error;
    }
  }
  const held = report.libuv
    .filter(({ is_active, is_referenced }) => is_active === true && is_referenced === true)
    .map(({ type, localEndpoint, remoteEndpoint, repeat, firesInMsFromNow }) =>
      JSON.stringify({ type, localEndpoint, remoteEndpoint, repeat, firesInMsFromNow }),
    );
  return ["it is kept by", ...held, "and is at", ...(report.javascriptStack?.stack ?? [])].join("\n  ");
}
