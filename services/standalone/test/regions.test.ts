import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClickHouse, createClickHouse } from "@spanhouse/store/clickhouse";
import { migrate } from "@spanhouse/store/migrate";
import { type EmbeddedCluster, startEmbeddedCluster } from "@spanhouse/store/server/embedded-cluster";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runConsumer } from "../../consumer/test/pipeline/running-consumer.ts";
import { chat, request, second, span } from "../../consumer/test/pipeline/spans.ts";
import { codeBlocks } from "./documentation/code-blocks.ts";

/** Two servers that can ask each other, each with a Spanhouse of its own. */
let servers: EmbeddedCluster;
let eu: ClickHouse;
let us: ClickHouse;
let dataDir: string;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "spanhouse regions "));
  servers = await startEmbeddedCluster({ dataDir, shards: 2 });
  const [euUrl = "", usUrl = ""] = servers.cluster.nodes ?? [];
  eu = createClickHouse({ url: euUrl, ...servers.writer, database: "spanhouse" });
  us = createClickHouse({ url: usUrl, ...servers.writer, database: "spanhouse" });
  for (const [stack, traces] of [
    [eu, 2],
    [us, 3],
  ] as const) {
    await migrate(stack);
    const consumer = await runConsumer(stack);
    for (let n = 1; n <= traces; n++) {
      await consumer.send(request(span(n, 1, undefined, chat(1000, 100, { "user.id": `u${n}` }), BigInt(n) * second)));
    }
    await consumer.stop();
  }
});
afterAll(async () => {
  await Promise.all([eu.close(), us.close()]);
  await servers.stop();
  rmSync(dataDir, { recursive: true });
});

/** What the page says, with these servers' addresses. */
function statementsOfThePage(): string[] {
  const [block] = codeBlocks().filter(
    ({ file, code }) => file.endsWith("operations/regions.md") && code.includes("VIEW"),
  );
  const config = readFileSync(join(dataDir, "shard-1", "server.xml"), "utf8");
  const [euPort, usPort] = [...config.matchAll(/<port>(\d+)<\/port>/g)].map(([, port]) => port);
  return /"\n(.*)\n"/s
    .exec(block!.code)![1]!
    .replaceAll("eu.example:9000", `127.0.0.1:${euPort}`)
    .replaceAll("us.example:9000", `127.0.0.1:${usPort}`)
    .replaceAll("'fleet', 'PASSWORD'", `'${servers.writer.username}', '${servers.writer.password}'`)
    .split(/;\n/)
    .map((statement) => statement.replace(/;$/, ""))
    .filter(Boolean);
}

const range = "from = toDateTime('2026-10-05', 'UTC'), to = toDateTime('2026-10-06', 'UTC'), grain = 'hour'";

test("one view tells the spend of all regions, by region, as each of them tells its own", async () => {
  for (const statement of statementsOfThePage()) await eu.command(statement);
  const own = (stack: ClickHouse) =>
    stack.queryRows<[string, string]>(`SELECT sum(calls), sum(cost) FROM spend(${range})`);
  const fleet = await eu.queryRows<[string, string, string]>(
    `SELECT region, sum(calls), sum(cost) FROM fleet.spend(${range}) GROUP BY region ORDER BY region`,
  );
  expect(fleet).toEqual([
    ["eu", ...(await own(eu))[0]!],
    ["us", ...(await own(us))[0]!],
  ]);
  expect(fleet.map(([, calls]) => calls)).toEqual(["2", "3"]);
  const traces = await eu.queryRows("SELECT region, count() FROM fleet.traces GROUP BY region ORDER BY region");
  expect(traces).toEqual([
    ["eu", "2"],
    ["us", "3"],
  ]);
});

test("while a region is away the question fails: no answer is short of one", async () => {
  await servers.stopShard(1);
  await expect(eu.queryRows(`SELECT sum(cost) FROM fleet.spend(${range})`)).rejects.toThrow();
  expect((await eu.queryRows(`SELECT sum(calls) FROM spend(${range})`))[0]).toEqual(["2"]);
});
