import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uptime } from "@spanhouse/schemas/uptime";
import { createApiKeys, createKeyCache } from "@spanhouse/store/api-keys";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { spanhouse } from "./built-process.ts";

async function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const command = spanhouse(args, environment);
  const code = await command.ended;
  return { code, output: command.output(), stdout: command.stdout() };
}

test.each([[[]], [["help"]], [["--help"]]])("spanhouse %j tells the commands", async (args) => {
  const { code, stdout } = await run(args);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}start +Run all of Spanhouse/m);
  expect(stdout).toMatch(/^ {2}keys +Make, list and revoke API keys/m);
});

test("an unknown command is named, on stderr, with 2", async () => {
  const { code, output, stdout } = await run(["strat"]);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(output).toMatch(/^unknown command "strat"\n(?:.*\n)* {2}start +Run all/);
});

test.each(["start", "keys", "clickhouse"])("spanhouse %s --help tells how it is used", async (name) => {
  const { code, stdout } = await run([name, "--help"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^spanhouse ${name} `));
});

test.each([
  [["start", "--dta", "x"], {}, "Unknown option '--dta'"],
  [["start", "now"], {}, "Unexpected argument 'now'"],
  [["start"], { SPANHOUSE_GATEWAY_PORT: "80000" }, 'SPANHOUSE_GATEWAY_PORT: expected a port.*got "80000"'],
  [["clickhouse", "--shards", "1"], {}, '--shards: expected 2 to 16; got "1"'],
  [["clickhouse", "--port", "http"], {}, '--port: expected a port, or 0 for any free one; got "http"'],
  [
    ["keys", "create", "--data", "/none"],
    {},
    "expected SPANHOUSE_CLICKHOUSE_URL, or a data directory of spanhouse start; /none is none",
  ],
])("what cannot be meant ends with 2 before anything is started: %j %j", async (args, environment, message) => {
  const { code, output, stdout } = await run(args, environment);
  expect(output).toMatch(new RegExp(`^CONFIG: ${message}`));
  expect(stdout).toBe("");
  expect(code).toBe(2);
});

test.each([[["keys", "list"]], [["start", "--data", tmpdir()]]])(
  "without its ClickHouse %j says so, with 1",
  async (args) => {
    const { code, output, stdout } = await run(args, { SPANHOUSE_CLICKHOUSE_URL: "http://127.0.0.1:1" });
    expect(output).toMatch(/^STORE_UNAVAILABLE: ClickHouse does not answer: .*ECONNREFUSED 127.0.0.1:1\n$/);
    expect(stdout).toBe("");
    expect(code).toBe(1);
  },
);

test("spanhouse clickhouse runs until it is told, and says how to reach it", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "spanhouse-clickhouse-"));
  const command = spanhouse(["clickhouse", "--data", dataDir]);
  const [, url] = await command.says(/^export SPANHOUSE_CLICKHOUSE_URL=(\S+)$/m);
  const [, username, password] = await command.says(
    /^export SPANHOUSE_CLICKHOUSE_USER=(\S+) SPANHOUSE_CLICKHOUSE_PASSWORD=(\S+)$/m,
  );
  const clickhouse = createClickHouse({ url: url!, username: username!, password: password!, database: "default" });
  expect(await clickhouse.ping()).toBe(true);
  command.signal("SIGTERM");
  expect(await command.ended).toBe(0);
  expect(await clickhouse.ping()).toBe(false);
  await clickhouse.close();
  rmSync(dataDir, { recursive: true });
});

describe("spanhouse keys", () => {
  let store: TestClickHouse;

  beforeAll(async () => {
    store = await testClickHouse({ migrated: false });
  });

  afterAll(async () => {
    await store.drop();
  });

  const keys = (...args: readonly string[]) => {
    const { url, writer } = inject("clickhouse");
    return run(["keys", ...args], {
      SPANHOUSE_CLICKHOUSE_URL: url,
      SPANHOUSE_CLICKHOUSE_DATABASE: store.database,
      ...(writer && { SPANHOUSE_CLICKHOUSE_USER: writer.username, SPANHOUSE_CLICKHOUSE_PASSWORD: writer.password }),
    });
  };
  const authenticate = (key: string) =>
    createKeyCache(createApiKeys(store.clickhouse), { refreshMs: 0, now: Date.now, uptime }).authenticate(key);

  test("makes a key of an empty deployment, lists it without the key, and revokes it for good", async () => {
    const made = await keys("create", "--project", "shop", "--scope", "ingest", "--label", "checkout service");
    expect(made.code, made.output).toBe(0);
    const { project, key, keyId } = JSON.parse(made.stdout);
    expect(project).toBe("shop");
    expect(await authenticate(key)).toEqual({ kind: "granted", project: "shop", scopes: ["ingest"], keyId });

    const listed = await keys("list", "--project", "shop", "--json");
    expect(listed.stdout).not.toContain(key);
    expect(JSON.parse(listed.stdout)).toMatchObject({
      keyId,
      scopes: ["ingest"],
      label: "checkout service",
      revoked: false,
    });
    expect((await keys("list", "--project", "other", "--json")).stdout).toBe("");

    expect(await keys("revoke", keyId, "--project", "other")).toMatchObject({ code: 1 });
    expect(await authenticate(key)).toMatchObject({ kind: "granted" });
    expect(await keys("revoke", keyId, "--project", "shop")).toMatchObject({
      code: 0,
      stdout: `${keyId} is revoked\n`,
    });
    expect(await authenticate(key)).toEqual({ kind: "unknown" });
    expect(JSON.parse((await keys("list", "--project", "shop", "--json")).stdout)).toMatchObject({
      keyId,
      revoked: true,
    });
  }, 60_000);

  test.each([
    [["make"], 2, 'CONFIG: expected create, bootstrap, list, rotate or revoke; got "make"'],
    [["create", "--scope", "write"], 2, 'CONFIG: --scope: expected some of ingest, read, admin; got "write"'],
    [["create", "--project", "My Shop"], 1, 'INVALID_PARAMETER: project "My Shop": expected'],
    [["revoke"], 1, "(no key id): project default has no such key"],
  ])("%j ends with %i and says why", async (args, code, message) => {
    const ended = await keys(...args);
    expect(ended.output).toContain(message);
    expect(ended.code).toBe(code);
  });
});
