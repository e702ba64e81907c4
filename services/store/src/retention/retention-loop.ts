import { setTimeout as sleep } from "node:timers/promises";
import type { ClickHouse } from "../clickhouse.ts";
import { settleErasures } from "../erasure/settle.ts";
import { applyRetention } from "./apply-retention.ts";

export interface RetentionLoop {
  readonly clickhouse: ClickHouse;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  readonly log: (message: string, detail: Readonly<Record<string, unknown>>) => void;
}

/**
 * Keeps what is stored to its time, and what was erased erased, until the signal is aborted. What fails is tried again in
 * the next round. Several processes may run it at once.
 */
export async function keepRetention({ clickhouse, intervalMs, signal, log }: RetentionLoop): Promise<void> {
  while (!signal.aborted) {
    try {
      const { frozen, dropped } = await applyRetention({ clickhouse, signal });
      if (frozen.length + dropped.length > 0) log("retention applied", { frozen, dropped });
      const settled = await settleErasures(clickhouse, signal);
      if (settled > 0) log("superseded rows of erased traces dropped", { rows: settled });
    } catch (error) {
      if (!signal.aborted) log("retention failed, and is tried again", { error: String(error) });
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}
