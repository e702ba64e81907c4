import { createErasures } from "@spanhouse/store/erasure/erasures";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { workOffErasures } from "../../consumer/src/maintenance/erasure-loop.ts";
import { createAdministration } from "../../store/src/administration.ts";
import { storeSpans } from "../../store/test/readers/stored-trace.ts";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import type { Command } from "../src/command.ts";
import { eraseCommand } from "../src/commands/erase.ts";
import { keys } from "../src/commands/keys.ts";
import { retention } from "../src/commands/retention.ts";

let store: TestClickHouse;
beforeAll(async () => {
  store = await testClickHouse();
  const at = (minute: number) => BigInt(Date.UTC(2026, 9, 5, 10, minute)) * 1_000_000n;
  const span = (n: number, user: string) => ({
    ...{ project: "shop", traceId: String(n).repeat(32), spanId: String(n).repeat(16), start: at(n), end: at(n) },
    columns: { user_id: user, message: `for ${user}` },
  });
  await storeSpans(store.clickhouse, [span(1, "ann"), span(2, "bob"), span(3, "cleo")]);
});
afterAll(() => store.drop());

async function run(command: Command, ...args: readonly string[]) {
  const { url, writer } = inject("clickhouse");
  const lines: string[] = [];
  const environment = {
    SPANHOUSE_CLICKHOUSE_URL: url,
    SPANHOUSE_CLICKHOUSE_DATABASE: store.database,
    ...(writer && { SPANHOUSE_CLICKHOUSE_USER: writer.username, SPANHOUSE_CLICKHOUSE_PASSWORD: writer.password }),
  };
  const signal = new AbortController().signal;
  const code = await command.run(args, { environment, signal, print: (line) => lines.push(line) });
  return { code, lines, text: lines.join("\n") };
}
const users = () => store.clickhouse.queryRows("SELECT user_id, message FROM spans ORDER BY trace_id");

test("a person is erased, with a report, and stays in the list as a hash", async () => {
  const erased = await run(eraseCommand, "--user", "ann", "--project", "shop", "--reason", "request 1", "--mentions");
  expect(erased.code).toBe(0);
  expect(erased.text).toMatch(
    /1 spans of 1 traces blanked\n.*spans 1.*\n.*spans 0, span_payloads 0.*\n.*0 other spans/,
  );
  expect(await users()).toEqual([
    ["", ""],
    ["bob", "for bob"],
    ["cleo", "for cleo"],
  ]);
  const listed = await run(eraseCommand, "list", "--project", "shop");
  expect(JSON.parse(listed.lines[0]!)).toMatchObject({ reason: "request 1", report: { traces: 1, spans: 1 } });
  expect(listed.text).not.toContain("ann");
  for (const args of [
    ["--project", "shop", "--reason", "x"],
    ["--user", "ann", "--reason", "x"],
    ["--user", "ann", "--project", "shop"],
  ]) {
    await expect(run(eraseCommand, ...args)).rejects.toThrow("expected --");
  }
});

test("an erasure that was asked for is worked off by whoever comes by, also where nobody knows the id", async () => {
  const { clickhouse } = store;
  const ended = async () => (await createErasures(clickhouse).list("shop")).every(({ endedAt }) => endedAt !== null);
  const actor = { project: "shop", by: "key 1" };
  await createAdministration(clickhouse).askErasure(actor, "bob", "request 2");
  await createAdministration(clickhouse).askErasure(actor, "nobody", "request 3");
  const stopping = new AbortController();
  const loops = [1, 2].map(() =>
    workOffErasures({ clickhouse, intervalMs: 10, signal: stopping.signal, log: () => undefined }),
  );
  await expect.poll(ended, { timeout: 60_000, interval: 100 }).toBe(true);
  stopping.abort();
  await Promise.all(loops);
  expect(await users()).toEqual([
    ["", ""],
    ["", ""],
    ["cleo", "for cleo"],
  ]);
}, 90_000);

test("retention is set, listed and applied", async () => {
  const set = await run(retention, "set", "payloads=7", "spans=30", "--project", "shop", "--reason", "policy");
  expect([set.code, set.text]).toEqual([0, expect.stringMatching(/shop +7 +30 +for ever +7/)]);
  expect((await run(retention, "apply")).text).toMatch(/shop is frozen until 20/);
  expect((await run(retention, "list")).text).toMatch(/shop +7 +30 +for ever +7 +20\d\d-/);
  expect(
    (await run(retention, "set", "spans=inherit", "payloads=inherit", "--project", "shop", "--reason", "x")).text,
  ).toMatch(/shop +for ever +for ever/);
  await expect(run(retention, "set", "texts=7", "--reason", "x")).rejects.toThrow("a KIND of payloads, spans, rollups");
  await expect(run(retention, "set", "spans=7")).rejects.toThrow("--reason");
});

test("the first admin's key is printed once", async () => {
  const first = await run(keys, "bootstrap", "--project", "shop");
  expect([first.code, JSON.parse(first.lines[0]!).key]).toEqual([0, expect.stringMatching(/^sh_ra_/)]);
  const again = await run(keys, "bootstrap", "--project", "shop");
  expect([again.code, again.text]).toEqual([1, expect.stringContaining("has an admin's key")]);
  const { keyId } = JSON.parse(first.lines[0]!);
  const rotated = await run(keys, "rotate", keyId, "--project", "shop", "--grace", "0");
  expect([rotated.code, JSON.parse(rotated.lines[0]!).key]).toEqual([0, expect.stringMatching(/^sh_ra_/)]);
  const expiring = await run(keys, "create", "--project", "shop", "--expires", "2999-01-01");
  expect(expiring.code).toBe(0);
  expect((await run(keys, "list", "--project", "shop", "--json")).lines.map((line) => JSON.parse(line).label)).toEqual(
    expect.arrayContaining(["bootstrap"]),
  );
  await expect(run(keys, "create", "--expires", "2020-01-01")).rejects.toThrow("a day or time to come");
});
