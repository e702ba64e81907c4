import type { ClickHouse } from "./clickhouse.ts";

/** What consumers make of the span log, and what counts with its numbers. */
const madeFromLog: ReadonlySet<string> = new Set([
  ...["spans", "span_payloads", "open_spans", "trace_buckets", "traces", "scores", "deliveries"],
  ...["rollup_minute", "rollup_hour", "rollup_day"],
  ...["checkpoints", "activations", "repricings", "dead_letters", "settled_letters", "migrations"],
]);

/**
 * Copies everything that people have set or stated (projects, keys, rules, statements, …) from another database of the
 * server, both migrated alike. Nothing is frozen in the copy: it is to take what the log still has. May be repeated: rows
 * that are there are not copied again. Returns the tables.
 */
export async function copyConfiguration(clickhouse: ClickHouse, from: string): Promise<readonly string[]> {
  const rows = await clickhouse.query<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = {database:String} AND (engine LIKE '%MergeTree' OR engine = 'Distributed') ORDER BY name",
    { database: from },
  );
  const tables = rows.map(({ name }) => name).filter((name) => !madeFromLog.has(name));
  for (const table of tables) {
    const source = `\`${from.replaceAll("`", "")}\`.\`${table}\``;
    await clickhouse.command(
      table === "projects"
        ? `INSERT INTO projects (project, version, created_at) SELECT project, 0, min(created_at) FROM ${source}
           WHERE project NOT IN (SELECT project FROM projects) GROUP BY project`
        : `INSERT INTO \`${table}\` SELECT * FROM ${source} EXCEPT SELECT * FROM \`${table}\``,
    );
  }
  return tables;
}
