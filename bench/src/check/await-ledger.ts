import { setTimeout as delay } from "node:timers/promises";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import type { Ledger } from "../ledger/ledger.ts";
import { type Comparison, compare } from "./differences.ts";

/**
 * Compares until there is no difference, or until `waitMs` have passed. While rows are still missing only they are
 * counted, because comparing everything is dear.
 */
export async function awaitLedger(ledger: Ledger, clickhouse: ClickHouse, waitMs: number): Promise<Comparison> {
  if (ledger.traces.length === 0) throw new Error("the ledger has no trace: there is nothing to compare");
  const deadline = Date.now() + waitMs;
  const rows = Object.values(ledger.tallies.spans.project ?? {}).reduce((sum, [of]) => sum + Number(of), 0);
  for (;;) {
    const over = Date.now() >= deadline;
    if (over || (await storedRows(clickhouse)) >= rows) {
      const comparison = await compare(ledger, clickhouse);
      if (over || comparison.differences.length === 0) return comparison;
    }
    await delay(Math.max(0, Math.min(1_000, deadline - Date.now())));
  }
}

/** Rows that are stored, superseded versions included: cheap, as ClickHouse keeps this count. */
export async function storedRows(clickhouse: ClickHouse): Promise<number> {
  const [row] = await clickhouse.queryRows<[string]>("SELECT toString(count()) FROM spans");
  return Number(row![0]);
}
