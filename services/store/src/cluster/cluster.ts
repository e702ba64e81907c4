import type { ClickHouseSettings } from "@clickhouse/client";

/** A database that several ClickHouse servers hold together: each shard a share of the rows, its replicas the same ones. */
export interface ClusterOptions {
  /** Its name in every server's `remote_servers`. */
  readonly name: string;
  /**
   * Servers without Keeper, hence without replicas: what makes or alters tables is said to each of these addresses
   * (`http://…`). Undefined: Keeper passes it on (ON CLUSTER), and tables are replicated.
   */
  readonly nodes?: readonly string[] | undefined;
  /** How many servers hold each row. An insert is acknowledged when all of them do. */
  readonly replicas: number;
}

/** Where a server keeps its own rows. The database itself has tables that look like them and ask all shards. */
export function localDatabaseOf(database: string): string {
  return `${database}_local`;
}

/** What every statement is run with. */
export function clusterSettings({ replicas }: ClusterOptions): ClickHouseSettings {
  return {
    // Acknowledged is what the shards have, not what waits here to be sent to them.
    distributed_foreground_insert: 1,
    // Who reads after an acknowledgement sees what was acknowledged, whichever replica is asked.
    ...(replicas > 1 ? { insert_quorum: String(replicas) } : {}),
    // A subquery is answered once, by all shards, and its answer given to each.
    prefer_global_in_and_join: 1,
    distributed_product_mode: "global",
  };
}

/** A system table, such as `system.mutations`, of every server. */
export function ofEveryServer(cluster: ClusterOptions | undefined, table: string): string {
  return cluster === undefined ? table : `clusterAllReplicas('${cluster.name}', ${table})`;
}

/** What stands behind the name of what is made or altered. */
export function onCluster({ name, nodes }: ClusterOptions): string {
  return nodes === undefined ? `ON CLUSTER '${name}'` : "";
}
