import { createHash } from "node:crypto";
import { dirname, join } from "node:path";

export interface EngineUsers {
  readonly writer: { readonly username: string; readonly password: string };
  readonly reader: { readonly username: string; readonly password: string };
}

/** Engines that hold databases together, a shard each. */
export interface EngineCluster {
  readonly name: string;
  /** Of the native protocol on 127.0.0.1, by shard. */
  readonly tcpPorts: readonly number[];
}

/** What one read may take. A query can ask for less, never for more, and never for no limit (which 0 would be). */
const readLimits = {
  max_execution_time: 30,
  max_memory_usage: 4 * 1024 ** 3,
  max_rows_to_read: 1_000_000_000,
} as const;

/**
 * The ClickHouse configuration of the embedded server. `file` is where it will lie: the users are read from it too.
 * Sized for a small machine that other processes share: little idle memory, two merges at a time, no system logs.
 */
export function engineConfig(file: string, { writer, reader }: EngineUsers, cluster?: EngineCluster): string {
  const limited = Object.fromEntries(Object.entries(readLimits).map(([name, max]) => [name, { min: 1, max }]));
  // The shards ask each other as the writer: who may ask one is checked there.
  const shardAt = (port: number) => ({
    replica: { host: "127.0.0.1", port, user: writer.username, password: writer.password },
  });
  const local = { networks: { ip: ["127.0.0.1"] }, quota: "default" };
  return xml("clickhouse", {
    timezone: "UTC",
    // The only place that File('…') of BACKUP and RESTORE may name; a relative name lies in it.
    backups: { allowed_path: join(dirname(file), "backups"), allow_concurrent_backups: 0 },
    user_directories: { users_xml: { path: file } },
    ...(cluster && { remote_servers: { [cluster.name]: { shard: cluster.tcpPorts.map(shardAt) } } }),
    max_server_memory_usage_to_ram_ratio: 0.5,
    mark_cache_size: 128 * 1024 ** 2,
    primary_index_cache_size: 128 * 1024 ** 2,
    index_mark_cache_size: 32 * 1024 ** 2,
    uncompressed_cache_size: 0,
    index_uncompressed_cache_size: 0,
    query_condition_cache_size: 16 * 1024 ** 2,
    compiled_expression_cache_size: 32 * 1024 ** 2,
    background_pool_size: 2,
    background_merges_mutations_concurrency_ratio: 2,
    background_schedule_pool_size: 8,
    background_common_pool_size: 2,
    background_move_pool_size: 1,
    background_fetches_pool_size: 1,
    background_buffer_flush_schedule_pool_size: 1,
    background_distributed_schedule_pool_size: 1,
    background_message_broker_schedule_pool_size: 1,
    merge_tree: {
      // The defaults are for a pool of 16 and would forbid large merges and mutations in one of 2.
      number_of_free_entries_in_pool_to_lower_max_size_of_merge: 2,
      number_of_free_entries_in_pool_to_execute_mutation: 2,
      number_of_free_entries_in_pool_to_execute_optimize_entire_partition: 2,
    },
    profiles: {
      default: { async_insert: 0 },
      // The engine's own session, which can have no password, takes the only place: nobody else is let in by that name.
      session: { max_sessions_for_user: 1 },
      reader: {
        ...readLimits,
        cancel_http_readonly_queries_on_client_close: 1,
        // 2: settings of the output may be chosen, within the constraints.
        readonly: 2,
        constraints: limited,
      },
    },
    quotas: { default: {} },
    users: {
      default: { ...local, password: "", profile: "session" },
      [writer.username]: { ...local, password_sha256_hex: sha256(writer.password), profile: "default" },
      [reader.username]: {
        ...local,
        password_sha256_hex: sha256(reader.password),
        profile: "reader",
        grants: { query: ["GRANT SELECT ON *.*"] },
      },
    },
  });
}

type XmlValue = string | number | readonly XmlValue[] | { readonly [name: string]: XmlValue };

/** An array is its element repeated. */
function xml(name: string, value: XmlValue): string {
  if (Array.isArray(value)) return value.map((element) => xml(name, element)).join("");
  const content =
    typeof value === "object"
      ? `\n${Object.entries(value)
          .map(([child, childValue]) => xml(child, childValue))
          .join("")}`
      : escapeXml(String(value));
  return `<${name}>${content}</${name}>\n`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
