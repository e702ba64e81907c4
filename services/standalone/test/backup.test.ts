import { randomBytes } from "node:crypto";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runConsumer } from "../../consumer/test/pipeline/running-consumer.ts";
import { agent, chat, request, second, span, traceIdOf } from "../../consumer/test/pipeline/spans.ts";
import { dump } from "../../consumer/test/pipeline/table-dump.ts";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { backup } from "../src/commands/backup.ts";
import { restoreCommand } from "../src/commands/restore.ts";
import { verifyCommand } from "../src/commands/verify.ts";
import { runCommand } from "./run-command.ts";

let store: TestClickHouse;
let restored: TestClickHouse;
beforeAll(async () => {
  store = await testClickHouse();
  restored = await testClickHouse({ migrated: false });
});
afterAll(() => Promise.all([store.drop(), restored.drop()]));

const fullServer = process.env.SPANHOUSE_TEST_CLICKHOUSE_URL || undefined;

test.skipIf(fullServer === undefined)(
  "a full server, of SPANHOUSE_TEST_CLICKHOUSE_URL: what follows runs on it",
  () => {
    expect(store.server.url).toBe(fullServer);
  },
);

const name = `backup-${randomBytes(6).toString("hex")}`;
const trace = (n: number) =>
  request(
    span(n, 1, undefined, agent({ "user.id": `u${n % 5}` }), BigInt(n) * second),
    span(n, 2, 1, chat(10 + n, 5), BigInt(n) * second),
  );

test("a backup taken beside live traffic is gone on from: nothing acknowledged before it is missing, every sum is right", async () => {
  const consumer = await runConsumer(store.clickhouse);
  let sent = 0;
  const sendOne = () => consumer.send(trace(++sent));
  for (let i = 0; i < 20; i++) await sendOne();
  const before = sent;

  let taken = false;
  const traffic = (async () => {
    while (!taken) await sendOne();
  })();
  const backedUp = await runCommand(backup, store, [name]);
  taken = true;
  await traffic;
  expect(backedUp).toMatchObject({ code: 0, lines: [`backup ${name} of database ${store.database} is complete`] });
  expect(sent, "traces that came while it was taken").toBeGreaterThan(before);
  await consumer.stop();

  const back = await runCommand(restoreCommand, restored, [name, "--from-database", store.database]);
  expect(back).toMatchObject({ code: 0 });
  const traces = async () => {
    const rows = await restored.clickhouse.queryRows<[string]>("SELECT DISTINCT lower(hex(trace_id)) FROM spans");
    return new Set(rows.map(([id]) => id));
  };
  const there = await traces();
  for (let n = 1; n <= before; n++) expect(there, `trace ${n}`).toContain(traceIdOf(n));

  // What was lost with the old store is sent once more, as SDKs and Kafka would; the rest is repeated, which changes nothing.
  const successor = await runConsumer(restored.clickhouse);
  const unsent = Array.from({ length: sent }, (_, i) => i + 1).filter((n) => !there.has(traceIdOf(n)));
  for (const n of unsent) await successor.send(trace(n));
  await successor.stop();
  const verified = await runCommand(verifyCommand, restored, []);
  expect(verified).toMatchObject({ code: 0, lines: [`${sent} traces: 0 differences`] });
  const [expected, found] = [await dump(store.clickhouse), await dump(restored.clickhouse)];
  for (const [sql, rows] of Object.entries(expected)) expect(found[sql], sql).toEqual(rows);
}, 120_000);

test("a database that has tables is not restored into, and a backup that is not there is named", async () => {
  await expect(runCommand(restoreCommand, store, [name])).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringContaining(`${store.database} has`),
  });
  const { database, server } = await testClickHouse({ migrated: false });
  const empty = { ...store, database };
  await expect(runCommand(restoreCommand, empty, ["no-such-backup"])).rejects.toMatchObject({
    code: "BACKUP_FAILED",
    message: expect.stringContaining("no-such-backup"),
  });
  const outside = createClickHouse({ url: server.url, ...server.writer, database: "system" });
  await outside.command(`DROP DATABASE IF EXISTS ${database}`);
  await outside.close();
});

test.each([
  [["../elsewhere"], {}, "a name for the backup"],
  [[], {}, "a name for the backup"],
  [["nightly"], { SPANHOUSE_BACKUP_DESTINATION: "/var/backups" }, "SPANHOUSE_BACKUP_DESTINATION"],
])("backup %j with %j: %s", async (args, environment, message) => {
  await expect(runCommand(backup, store, args, { environment })).rejects.toMatchObject({
    code: "CONFIG",
    message: expect.stringContaining(message),
  });
});
