import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { type ClickHouse, createClickHouse } from "../src/clickhouse.ts";
import { migrate } from "../src/migrate.ts";
import type { TestServer } from "./global-setup.ts";

export interface TestClickHouse {
  readonly clickhouse: ClickHouse;
  /** The same database as a user who may only read. */
  readonly reader: ClickHouse;
  readonly database: string;
  /** To connect once more, or from another process. */
  readonly server: TestServer;
  drop(): Promise<void>;
}

/** A fresh database with the real migrations, on the server of `global-setup.ts`. */
export async function testClickHouse(options: { readonly migrated?: boolean } = {}): Promise<TestClickHouse> {
  const server = inject("clickhouse");
  const database = `test_${randomBytes(8).toString("hex")}`;
  const clickhouse = createClickHouse({ url: server.url, ...server.writer, database });
  const reader = createClickHouse({ url: server.url, ...server.reader, database, settings: { readonly: "2" } });
  if (options.migrated ?? true) await migrate(clickhouse);
  return {
    clickhouse,
    reader,
    database,
    server,
    async drop() {
      // From outside: a test may not have made it.
      const outside = createClickHouse({ url: server.url, ...server.writer, database: "system" });
      await outside.command(`DROP DATABASE IF EXISTS ${database} SYNC`);
      await Promise.all([clickhouse.close(), reader.close(), outside.close()]);
    },
  };
}
