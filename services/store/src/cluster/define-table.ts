import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { ClickHouse } from "../clickhouse.ts";
import { type ClusterOptions, localDatabaseOf, onCluster } from "./cluster.ts";
import { shardingKeyOf } from "./sharding.ts";

/** What stands before a statement's verb. */
const comments = /^(?:\s*--[^\n]*\n)*\s*/;
const tableStatement = /^(CREATE TABLE IF NOT EXISTS|ALTER TABLE) (\w+)/;
const viewStatement = /^CREATE OR REPLACE VIEW (\w+)/;

/**
 * Runs a statement of a migration. On one server as it stands. On a cluster tables are made in each server's local
 * database, as it stands but for the engine, and a Distributed table of the same name and columns over them; views read the latter.
 */
export async function defineTable(clickhouse: ClickHouse, sql: string): Promise<void> {
  const { cluster, database } = clickhouse;
  if (cluster === undefined) return clickhouse.define(sql);
  const statement = sql.replace(comments, "");
  const placed = (head: RegExp) => statement.replace(head, (found) => `${found} ${onCluster(cluster)}`);
  const [, verb, table] = tableStatement.exec(statement) ?? [];
  if (table !== undefined) {
    await clickhouse.define(withEngine(placed(tableStatement), cluster));
    // It has no rows: one with the new columns may take its place. Several who migrate at once make the first only once.
    const make = verb === "ALTER TABLE" ? "CREATE OR REPLACE TABLE" : verb;
    return clickhouse.define(
      `${make} ${database}.${table} ${onCluster(cluster)} AS ${localDatabaseOf(database)}.${table}
ENGINE = Distributed('${cluster.name}', '${localDatabaseOf(database)}', '${table}', ${shardingKeyOf(table)})`,
    );
  }
  if (viewStatement.test(statement)) return clickhouse.define(placed(viewStatement), { of: "database" });
  throw new SpanhouseError(
    "INTERNAL",
    `a migration that a cluster does not know: expected CREATE TABLE IF NOT EXISTS, ALTER TABLE or CREATE OR REPLACE VIEW; got ${statement.slice(0, 80)}`,
  );
}

/** The path in Keeper and the replica's name are the server's own defaults. */
function withEngine(statement: string, { nodes }: ClusterOptions): string {
  return nodes === undefined ? statement.replace(/(\nENGINE = )(\w*MergeTree)\b/, "$1Replicated$2") : statement;
}
