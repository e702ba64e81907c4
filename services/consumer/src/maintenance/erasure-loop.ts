import { setTimeout as sleep } from "node:timers/promises";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createErasures } from "@spanhouse/store/erasure/erasures";
import { userIdOf } from "@spanhouse/store/erasure/find-traces";
import { erase } from "./erase.ts";

export interface ErasureLoop {
  readonly clickhouse: ClickHouse;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  readonly log: (message: string, detail: Readonly<Record<string, unknown>>) => void;
}

/**
 * Works off the erasures that were asked for over the API, until the signal is aborted. One that fails, or dies with its
 * process, is begun again by whoever comes next; that two processes run it at once does no harm.
 */
export async function workOffErasures({ clickhouse, intervalMs, signal, log }: ErasureLoop): Promise<void> {
  const erasures = createErasures(clickhouse);
  while (!signal.aborted) {
    try {
      for (const run of await erasures.open()) {
        const { project, askedBy, reason } = run;
        const userId = (await userIdOf(clickhouse, run)) ?? "";
        const steps = erase({ clickhouse, project, userId, run, askedBy, reason, signal });
        for (let step = await steps.next(); ; step = await steps.next()) {
          if (!step.done) continue;
          log("erased", { project, report: step.value });
          break;
        }
      }
    } catch (error) {
      if (!signal.aborted) log("an erasure failed, and is tried again", { error: String(error) });
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}
