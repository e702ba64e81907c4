import type { ClickHouse } from "../clickhouse.ts";
import { mutate } from "../mutation.ts";

/** By trace and minute, so that the key finds them. */
const readable = `(project, bucket, trace_id) IN (SELECT project, bucket, trace_id FROM trace_buckets
  WHERE (project, trace_id) IN (SELECT project, trace_id FROM erased_traces)) AND NOT bitTest(version, 63)`;

/**
 * Drops rows of erased traces that a consumer wrote before it knew, and wrote once more blanked: nobody sees them, and
 * merges would drop them some day. Returns how many there were.
 */
export async function settleErasures(clickhouse: ClickHouse, signal: AbortSignal): Promise<number> {
  let settled = 0;
  for (const table of ["spans", "span_payloads"]) {
    const [row] = await clickhouse.queryRows<[string]>(`SELECT count() FROM ${table} WHERE ${readable}`);
    if (row![0] === "0") continue;
    // One that is shown is superseded by none: who stored it is about to blank it, or an erasure is to be run again.
    const shown = await clickhouse.queryRows(`SELECT 1 FROM ${table} FINAL WHERE ${readable} LIMIT 1`);
    if (shown.length > 0) continue;
    await mutate(clickhouse, table, `DELETE WHERE ${readable}`, signal);
    settled += Number(row![0]);
  }
  return settled;
}
