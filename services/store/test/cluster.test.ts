import { laneOf } from "@spanhouse/schemas/lane";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, createClickHouse } from "../src/clickhouse.ts";
import { isRetryable } from "../src/clickhouse-error.ts";
import { shardingKeyOf } from "../src/cluster/sharding.ts";
import { migrate } from "../src/migrate.ts";
import { alterParts, mutate } from "../src/mutation.ts";
import { type TestCluster, testCluster } from "./test-cluster.ts";

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await testCluster(2);
});
afterAll(() => cluster.drop());

const traceIds = Array.from({ length: 40 }, (_, i) => (i * 7919 + 1).toString(16).padStart(32, "a"));
/** What each server has of its own. */
const local = async (table: string, columns = "count()") => {
  const { nodes = [] } = cluster.options.cluster!;
  return Promise.all(
    nodes.map(async (url) => {
      const shard = createClickHouse({ ...cluster.options, url, database: "spanhouse_local", cluster: undefined });
      try {
        return await shard.queryRows<[string]>(`SELECT ${columns} FROM ${table} FINAL`);
      } finally {
        await shard.close();
      }
    }),
  );
};

test("every migration is applied on every shard, once", async () => {
  expect(await migrate(cluster.clickhouse)).toEqual({ applied: [] });
  const engines = (database: string) =>
    cluster.clickhouse.queryRows<[string, string]>(
      `SELECT engine, toString(count()) FROM clusterAllReplicas('spanhouse', system.tables)
       WHERE database = {database:String} GROUP BY engine ORDER BY engine`,
      { database },
    );
  const made = await engines("spanhouse_local");
  expect(made.map(([engine]) => engine)).toEqual(["AggregatingMergeTree", "MergeTree", "ReplacingMergeTree"]);
  const tables = made.reduce((sum, [, count]) => sum + Number(count), 0);
  expect(await engines("spanhouse")).toEqual([
    ["Distributed", String(tables)],
    ["View", "8"],
  ]);
  const columns = await cluster.clickhouse.queryRows<[string, string]>(
    `SELECT table, name, type, default_kind FROM system.columns WHERE database = 'spanhouse_local'
     EXCEPT SELECT table, name, type, default_kind FROM system.columns WHERE database = 'spanhouse'`,
  );
  expect(columns).toEqual([]);
});

test("with Keeper the same migrations are told to the cluster, as replicated tables, in SQL that the server reads", async () => {
  const told: string[] = [];
  const keeper: ClickHouse = {
    ...cluster.clickhouse,
    cluster: { name: "fleet", replicas: 2 },
    createDatabase: async () => undefined,
    queryRows: async () => [],
    command: async () => undefined,
    define: async (sql) => void told.push(sql),
  };
  const { applied } = await migrate(keeper);
  expect(told.length).toBeGreaterThan(2 * applied.length - 4);
  for (const sql of told) {
    expect(sql).toMatch(
      /^(CREATE TABLE IF NOT EXISTS|CREATE OR REPLACE TABLE|CREATE OR REPLACE VIEW|ALTER TABLE) [\w.]+ ON CLUSTER 'fleet'/,
    );
    expect(sql).not.toMatch(/^ENGINE = \w*(?<!Replicated\w*)MergeTree/m);
  }
  const [spans, face] = told.slice(2);
  expect(spans).toContain("ENGINE = ReplicatedReplacingMergeTree(version)");
  expect(face).toBe(
    `CREATE TABLE IF NOT EXISTS spanhouse.spans ON CLUSTER 'fleet' AS spanhouse_local.spans
ENGINE = Distributed('fleet', 'spanhouse_local', 'spans', lane)`,
  );
  const read = await cluster.clickhouse.queryRows<[number]>(
    `SELECT countIf(formatQueryOrNull(arrayJoin({told:Array(String)})) IS NULL)`,
    { told: told.filter((sql) => !sql.includes("VIEW")) },
  );
  expect(read).toEqual([["0"]]);
});

test("a trace's rows, its place and its slices lie on the shard of its lane", async () => {
  const values = traceIds.map((id) => `('p', '2026-10-05 08:00:00', ${laneOf(id)}, unhex('${id}'), 'spanspan', 1)`);
  const { clickhouse } = cluster;
  await clickhouse.command(
    `INSERT INTO spans (project, bucket, lane, trace_id, span_id, version) VALUES ${values.join(", ")}`,
  );
  await clickhouse.command(
    "INSERT INTO trace_buckets (project, trace_id, bucket) SELECT project, trace_id, bucket FROM spans",
  );
  await clickhouse.command(
    "INSERT INTO rollup_minute (project, kind, bucket, lane) SELECT DISTINCT project, 'spend', bucket, lane FROM spans",
  );
  const lanes = await local("spans", "DISTINCT lane");
  for (const [shard, rows] of lanes.entries()) {
    expect(rows.length).toBeGreaterThan(3);
    expect(new Set(rows.map(([lane]) => Number(lane) % 2))).toEqual(new Set([shard]));
  }
  const ids = async (table: string) =>
    (await local(table, "lower(hex(trace_id))")).map((rows) => rows.map(([id]) => id).sort());
  expect(await ids("trace_buckets")).toEqual(await ids("spans"));
  expect((await local("rollup_minute", "lane")).map((rows) => new Set(rows.map(([lane]) => lane)))).toEqual(
    lanes.map((rows) => new Set(rows.map(([lane]) => lane))),
  );
  expect(shardingKeyOf("prices")).toBe("0");
});

test("a user who may only read asks all shards, subqueries included", async () => {
  const found = await cluster.reader.queryRows<[string]>(
    `SELECT lower(hex(trace_id)) FROM spans FINAL WHERE (project, trace_id) IN
       (SELECT project, trace_id FROM trace_buckets WHERE project = {project:String})`,
    { project: "p" },
  );
  expect(found.map(([id]) => id).sort()).toEqual([...traceIds].sort());
  await expect(cluster.reader.command("INSERT INTO key_uses (key_id) VALUES ('k')")).rejects.toThrow();
});

test("rows are rewritten and partitions dropped on every shard", async () => {
  const some = traceIds.slice(0, 10).map((id) => `unhex('${id}')`);
  await mutate(
    cluster.clickhouse,
    "spans",
    `DELETE WHERE trace_id IN (${some.join(", ")})`,
    AbortSignal.timeout(20_000),
  );
  expect((await cluster.clickhouse.queryRows<[string]>("SELECT count() FROM spans"))[0]).toEqual(["30"]);
  await alterParts(cluster.clickhouse, "spans", "DROP PARTITION ID '20261005'");
  expect(await local("spans")).toEqual([[["0"]], [["0"]]]);
});

test("while a shard is away nothing is acknowledged or answered in part, and what failed may be repeated", async () => {
  const { clickhouse, servers } = cluster;
  await clickhouse.command(
    `INSERT INTO trace_buckets (project, trace_id, bucket) VALUES ('q', unhex('${traceIds[0]}'), 60)`,
  );
  await servers!.stopShard(1);
  const refused = async (call: Promise<unknown>) =>
    isRetryable(
      await call.then(
        () => "answered",
        (error: unknown) => error,
      ),
    );
  expect(await refused(clickhouse.queryRows("SELECT count() FROM trace_buckets"))).toBe(true);
  const values = traceIds.map((id) => `('q', unhex('${id}'), 60)`).join(", ");
  expect(
    await refused(clickhouse.command(`INSERT INTO trace_buckets (project, trace_id, bucket) VALUES ${values}`)),
  ).toBe(true);
  await servers!.startShard(1);
  await clickhouse.command(`INSERT INTO trace_buckets (project, trace_id, bucket) VALUES ${values}`);
  expect(await clickhouse.queryRows("SELECT count() FROM trace_buckets FINAL WHERE project = 'q'")).toEqual([["40"]]);
});
