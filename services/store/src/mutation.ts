import { setTimeout as sleep } from "node:timers/promises";
import type { ClickHouse } from "./clickhouse.ts";

const pollMs = 100;

/**
 * Lets ClickHouse rewrite the parts of a table that have such rows: `change` is what follows ALTER TABLE. Resolves when no
 * change of the table waits any more; rejects when ClickHouse says why one fails. Stopped by the signal, it goes on in the
 * server.
 */
export async function mutate(
  clickhouse: ClickHouse,
  table: string,
  change: string,
  signal: AbortSignal,
): Promise<void> {
  await clickhouse.command(
    `ALTER TABLE ${table} ${change}`,
    {},
    { mutations_sync: "0", allow_nondeterministic_mutations: 1 },
  );
  for (;;) {
    const waiting = await clickhouse.query<{ mutation: string; failure: string }>(
      `SELECT mutation_id AS mutation, latest_fail_reason AS failure FROM system.mutations
       WHERE database = currentDatabase() AND table = {table:String} AND NOT is_done`,
      { table },
    );
    if (waiting.length === 0) return;
    const failed = waiting.find(({ failure }) => failure !== "");
    if (failed) throw new Error(`${table}: mutation ${failed.mutation}: ${failed.failure}`);
    await sleep(pollMs, undefined, { signal });
  }
}
