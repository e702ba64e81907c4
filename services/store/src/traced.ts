import { type Tracer, trace } from "@opentelemetry/api";
import { inSpan } from "@spanhouse/tracing/in-span";
import type { ClickHouse } from "./clickhouse.ts";

/**
 * The same ClickHouse, whose calls are spans of what is being done. What is asked in between, of nobody's account, is not
 * traced. A statement is told by its first word and its table: its text may hold what people have said.
 */
export function traced(clickhouse: ClickHouse, tracer: Tracer): ClickHouse {
  const told = <T>(sql: string, call: () => Promise<T>): Promise<T> => {
    if (trace.getActiveSpan() === undefined) return call();
    const operation = /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? "";
    const table = /\b(?:INTO|FROM)\s+`?(\w+)/i.exec(sql)?.[1] ?? "";
    return inSpan(
      tracer,
      [operation, table].filter(Boolean).join(" "),
      {
        "db.system.name": "clickhouse",
        "db.namespace": clickhouse.database,
        "db.operation.name": operation,
        "db.collection.name": table,
      },
      call,
    );
  };
  return {
    ...clickhouse,
    query: (sql, params, options) => told(sql, () => clickhouse.query(sql, params, options)),
    queryRows: (sql, params, options) => told(sql, () => clickhouse.queryRows(sql, params, options)),
    insert: (table, columns, body, options) =>
      told(`INSERT INTO ${table}`, () => clickhouse.insert(table, columns, body, options)),
    command: (sql, params, settings, signal) => told(sql, () => clickhouse.command(sql, params, settings, signal)),
  };
}
