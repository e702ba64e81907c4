import { Readable } from "node:stream";
import { ClickHouseLogLevel, type ClickHouseSettings, createClient } from "@clickhouse/client";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { type ClusterOptions, clusterSettings, localDatabaseOf, onCluster } from "./cluster/cluster.ts";

export interface ClickHouseOptions {
  /** `http://` or `https://`; may carry user and password. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly database: string;
  /** On every call; `{ readonly: 2 }` makes a reader of a user who may write. */
  readonly settings?: ClickHouseSettings;
  /** A connection silent for so long is given up. What it ran may still be running in the server. */
  readonly timeoutMs?: number;
  readonly maxConnections?: number;
  /** Whose servers hold the database together; `url` is one of them, or leads to any. Undefined: `url` is the one server. */
  readonly cluster?: ClusterOptions | undefined;
}

/** A value's text may have 128 KiB on a server with default limits; longer lists stand in the statement. */
export type QueryParams = Readonly<Record<string, unknown>>;

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly settings?: ClickHouseSettings;
}

export interface InsertOptions extends CallOptions {
  /** What the bytes are; RowBinary where it is not said. */
  readonly format?: "RowBinary" | "Native";
}

export interface DefineOptions {
  /** In which names without a database lie. `local`, where it is not said: where each server has its rows. */
  readonly of?: "local" | "database";
  readonly settings?: ClickHouseSettings;
}

/**
 * ClickHouse over HTTP, bound to one database. Parameters stand in the SQL as `{name: Type}`.
 * Calls reject with the client's errors: `isRetryable` and `isTooExpensive` of clickhouse-error.ts tell them apart.
 */
export interface ClickHouse {
  readonly database: string;
  /** Undefined: one server has everything, in `database`. */
  readonly cluster: ClusterOptions | undefined;
  /** Rows as objects. 64-bit and wider integers, and decimals, are strings. */
  query<T = Record<string, unknown>>(sql: string, params?: QueryParams, options?: CallOptions): Promise<T[]>;
  /** Rows as arrays, in the order of the SELECT: less to send and to parse. */
  queryRows<T extends readonly unknown[]>(sql: string, params?: QueryParams, options?: CallOptions): Promise<T[]>;
  /**
   * Rows into a table, as one block: of each partition either all rows or none are in it. Resolves when they are
   * acknowledged; after a rejection they may or may not be in the table. The bytes must not change meanwhile.
   */
  insert(
    table: string,
    columns: readonly string[],
    body: Uint8Array | readonly Uint8Array[],
    options?: InsertOptions,
  ): Promise<void>;
  command(sql: string, params?: QueryParams, settings?: ClickHouseSettings, signal?: AbortSignal): Promise<void>;
  /**
   * Makes or alters tables, on every server that has a share of them. Of a cluster with Keeper the statement names the
   * cluster itself (`onCluster`).
   */
  define(sql: string, options?: DefineOptions): Promise<void>;
  createDatabase(): Promise<void>;
  /** Whether it answers now; never rejects. */
  ping(): Promise<boolean>;
  /** Rejects with STORE_VERSION below 25.8. */
  version(): Promise<string>;
  close(): Promise<void>;
}

const oldestVersion = [25, 8] as const;

/** Room for a statement that names all traces of a flush. */
const maxQueryBytes = String(16 * 1024 * 1024);

const readSettings: ClickHouseSettings = {
  // The answer begins when the query is over: an error is one, never half a result, and a signal is heard until then.
  wait_end_of_query: 1,
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_decimals: 1,
};

const writeSettings: ClickHouseSettings = {
  async_insert: 0,
  // A repetition is meant: what was dropped by hand comes back by replaying.
  insert_deduplicate: 0,
  // No statement of ours brings one key twice: to look for it would cost as much as the rest of the insert.
  optimize_on_insert: 0,
  // Late spans of many days are one roll or fold: how many partitions it touches is no sign of a mistake.
  max_partitions_per_insert_block: "0",
};
/** Greater than any body: the rows of one insert stay one block. */
const unbounded = "1000000000000";
const insertSettings: ClickHouseSettings = {
  ...writeSettings,
  max_insert_block_size: unbounded,
  min_insert_block_size_rows: unbounded,
  min_insert_block_size_bytes: unbounded,
};

export function createClickHouse(options: ClickHouseOptions): ClickHouse {
  const { database, cluster, timeoutMs = 120_000, maxConnections = 16 } = options;
  const settings = { ...(cluster && clusterSettings(cluster)), ...options.settings };
  const localDatabase = cluster === undefined ? database : localDatabaseOf(database);
  const connect = (into: string | undefined, url = options.url) =>
    createClient({
      url,
      ...(options.username === undefined ? {} : { username: options.username }),
      ...(options.password === undefined ? {} : { password: options.password }),
      ...(into === undefined ? {} : { database: into }),
      application: "spanhouse",
      clickhouse_settings: { max_query_size: maxQueryBytes, ...settings },
      request_timeout: timeoutMs,
      max_open_connections: maxConnections,
      // Long lists do not fit into a URL.
      use_multipart_params_auto: true,
      log: { level: ClickHouseLogLevel.OFF },
    });
  const client = connect(database);

  /** To each server that hears of tables by itself. */
  async function toEveryServer(into: string, query: string, more: ClickHouseSettings = {}): Promise<void> {
    const call = { query, clickhouse_settings: { ...writeSettings, ...more } };
    const outside = (cluster?.nodes ?? [options.url]).map((url) => connect(into, url));
    try {
      // One after the other: who dies on the way is followed by one that begins with the first again.
      for (const server of outside) await server.command(call);
    } finally {
      await Promise.all(outside.map((server) => server.close()));
    }
  }

  async function read<T>(format: "JSONEachRow" | "JSONCompactEachRow", sql: string, call: Call): Promise<T[]> {
    const result = await client.query({ query: sql, format, ...requestOf(call, readSettings) });
    return result.json<T>();
  }

  const clickhouse: ClickHouse = {
    database,
    cluster,
    query: (sql, params, call) => read("JSONEachRow", sql, { params, ...call }),
    queryRows: (sql, params, call) => read("JSONCompactEachRow", sql, { params, ...call }),
    async insert(table, columns, body, { format = "RowBinary", ...call } = {}) {
      const chunks = body instanceof Uint8Array ? [body] : body;
      if (chunks.every((chunk) => chunk.length === 0)) return;
      const { stream } = await client.exec({
        query: `INSERT INTO ${quoted(table)} (${columns.map(quoted).join(", ")}) FORMAT ${format}`,
        values: Readable.from(chunks, { objectMode: false }),
        ...requestOf(call, insertSettings),
      });
      for await (const _ of stream);
    },
    async command(sql, params, settings, signal) {
      await client.command({ query: sql, ...requestOf({ params, settings, signal }, writeSettings) });
    },
    async define(sql, { of = "local", settings } = {}) {
      if (cluster === undefined) return clickhouse.command(sql, {}, settings);
      await toEveryServer(of === "local" ? localDatabase : database, sql, settings);
    },
    async createDatabase() {
      for (const name of new Set([localDatabase, database])) {
        const where = cluster === undefined ? "" : onCluster(cluster);
        await toEveryServer("system", `CREATE DATABASE IF NOT EXISTS ${quoted(name)} ${where}`);
      }
    },
    async ping() {
      return (await client.ping({ select: true })).success;
    },
    async version() {
      const [row] = await clickhouse.queryRows<[string]>("SELECT version()");
      const version = row?.[0] ?? "";
      const [major = 0, minor = 0] = version.split(".").map(Number);
      if (major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1])) {
        throw new SpanhouseError(
          "STORE_VERSION",
          `ClickHouse is ${version}; ${oldestVersion.join(".")} or later is needed.`,
        );
      }
      return version;
    },
    close: () => client.close(),
  };
  return clickhouse;
}

interface Call {
  readonly params?: QueryParams | undefined;
  readonly settings?: ClickHouseSettings | undefined;
  readonly signal?: AbortSignal | undefined;
}

function requestOf({ params, signal, settings }: Call, defaults: ClickHouseSettings = {}) {
  // The client only listens for an abort that is still to come.
  signal?.throwIfAborted();
  return {
    ...(params === undefined ? {} : { query_params: params as Record<string, unknown> }),
    ...(signal === undefined ? {} : { abort_signal: signal }),
    clickhouse_settings: { ...defaults, ...settings },
  };
}

function quoted(identifier: string): string {
  return `\`${identifier.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;
}
