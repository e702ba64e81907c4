import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClickHouse, type ClickHouseOptions, createClickHouse } from "../src/clickhouse.ts";
import { localDatabaseOf, onCluster } from "../src/cluster/cluster.ts";
import { migrate } from "../src/migrate.ts";
import { type EmbeddedCluster, startEmbeddedCluster } from "../src/server/embedded-cluster.ts";

/** What every test of a cluster begins with. */
async function connect(options: ClickHouseOptions, reader: { username?: string; password?: string }) {
  const clickhouse = createClickHouse(options);
  // As services that start at once do.
  await Promise.all([migrate(clickhouse), migrate(clickhouse)]);
  return {
    options,
    clickhouse,
    reader: createClickHouse({ ...options, ...reader, settings: { readonly: "2" } }),
  };
}

export interface TestCluster {
  readonly options: ClickHouseOptions;
  readonly clickhouse: ClickHouse;
  /** The same database as a user who may only read. */
  readonly reader: ClickHouse;
  /** Of servers of our own, which can be stopped. */
  readonly servers: EmbeddedCluster | undefined;
  drop(): Promise<void>;
}

/** Shards of embedded servers of its own, with the real migrations. */
export async function testCluster(shards: number): Promise<TestCluster> {
  const dataDir = mkdtempSync(join(tmpdir(), "spanhouse cluster "));
  const servers = await startEmbeddedCluster({ dataDir, shards });
  const { url, writer, cluster } = servers;
  const connected = await connect({ url, ...writer, cluster, database: "spanhouse" }, servers.reader);
  return {
    ...connected,
    servers,
    async drop() {
      await Promise.all([connected.clickhouse.close(), connected.reader.close()]);
      await servers.stop();
      rmSync(dataDir, { recursive: true });
    },
  };
}

/**
 * Full servers with Keeper, shards and replicas: `http://USER:PASSWORD@HOST:8123/CLUSTER?replicas=2`, whose user may make
 * databases. Undefined where nobody gives them.
 */
export const fullCluster = process.env.SPANHOUSE_TEST_CLICKHOUSE_CLUSTER || undefined;

/** A database of its own on them. */
export async function testFullCluster(): Promise<TestCluster> {
  const address = new URL(fullCluster!);
  const cluster = {
    name: address.pathname.slice(1),
    replicas: Number(address.searchParams.get("replicas") ?? 1),
  };
  const database = `test_${randomBytes(8).toString("hex")}`;
  const options: ClickHouseOptions = {
    url: address.origin,
    username: decodeURIComponent(address.username),
    password: decodeURIComponent(address.password),
    database,
    cluster,
  };
  const connected = await connect(options, {});
  return {
    ...connected,
    servers: undefined,
    async drop() {
      const { clickhouse, reader } = connected;
      for (const name of [database, localDatabaseOf(database)]) {
        await clickhouse.command(`DROP DATABASE IF EXISTS ${name} ${onCluster(cluster)} SYNC`);
      }
      await Promise.all([clickhouse.close(), reader.close()]);
    },
  };
}
