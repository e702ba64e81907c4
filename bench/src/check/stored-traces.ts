import type { ClickHouse } from "@spanhouse/store/clickhouse";
import type { TraceLine } from "../ledger/ledger.ts";
import { traceColumns } from "../ledger/measures.ts";
import { picoDollars } from "./pico-dollars.ts";

const expressions: Readonly<Record<string, string>> = {
  bucket: "formatDateTime(bucket, '%Y-%m-%dT%H:%i', 'UTC')",
  start_us: "toUnixTimestamp64Micro(start_time)",
  end_us: "toUnixTimestamp64Micro(end_time)",
};

/** Every live summary as a ledger's line of its trace, in no order. */
export async function storedTraces(clickhouse: ClickHouse, projects: readonly string[]): Promise<TraceLine[]> {
  const columns = traceColumns.map((column) => `toString(${expressions[column] ?? column})`);
  const rows = await clickhouse.queryRows<readonly string[]>(
    `SELECT toString(project), lower(hex(trace_id)), ${columns.join(", ")}
     FROM traces FINAL WHERE live AND project IN {projects: Array(String)}`,
    { projects },
  );
  return rows.map((row) =>
    row.map((text, i) => (/^(cost|.*_cost|cache_savings)$/.test(traceColumns[i - 2] ?? "") ? picoDollars(text) : text)),
  );
}
