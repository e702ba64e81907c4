import { setTimeout as sleep } from "node:timers/promises";
import type { ClickHouseSettings } from "@clickhouse/client";
import type { ClickHouse } from "./clickhouse.ts";
import { localDatabaseOf, ofEveryServer, onCluster } from "./cluster/cluster.ts";

const pollMs = 100;

/** Changes the parts of a table, wherever they lie: `change` is what follows ALTER TABLE. */
export async function alterParts(
  clickhouse: ClickHouse,
  table: string,
  change: string,
  settings: ClickHouseSettings = {},
) {
  const { cluster } = clickhouse;
  await clickhouse.define(`ALTER TABLE ${table} ${cluster === undefined ? "" : onCluster(cluster)} ${change}`, {
    settings,
  });
}

/**
 * Lets ClickHouse rewrite the parts of a table that have such rows: `change` is what follows ALTER TABLE. Resolves when no
 * change of the table waits any more; rejects when ClickHouse says why one fails. Stopped by the signal, it goes on in the
 * server. On a cluster each server looks at its own rows: a subquery must find there what it is asked.
 */
export async function mutate(
  clickhouse: ClickHouse,
  table: string,
  change: string,
  signal: AbortSignal,
): Promise<void> {
  const { cluster, database } = clickhouse;
  await alterParts(clickhouse, table, change, { mutations_sync: "0", allow_nondeterministic_mutations: 1 });
  for (;;) {
    const waiting = await clickhouse.query<{ mutation: string; failure: string }>(
      `SELECT mutation_id AS mutation, latest_fail_reason AS failure FROM ${ofEveryServer(cluster, "system.mutations")}
       WHERE database = {database:String} AND table = {table:String} AND NOT is_done`,
      { database: cluster === undefined ? database : localDatabaseOf(database), table },
    );
    if (waiting.length === 0) return;
    const failed = waiting.find(({ failure }) => failure !== "");
    if (failed) throw new Error(`${table}: mutation ${failed.mutation}: ${failed.failure}`);
    await sleep(pollMs, undefined, { signal });
  }
}
