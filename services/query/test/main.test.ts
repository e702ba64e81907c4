import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createApiKeys } from "@spanhouse/store/api-keys";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { queryConfig } from "../src/config.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const runSource = fileURLToPath(new URL("../../bus/test/run-source.mjs", import.meta.url));

function startMain(variables: Record<string, string>) {
  const child = spawn(process.execPath, [runSource, main], { env: variables, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  return { child, output: () => output, exit: once(child, "exit") };
}

let store: TestClickHouse;
beforeAll(async () => {
  store = await testClickHouse();
});
afterAll(() => store.drop());

test("the environment is the configuration, and what is not said has a default", () => {
  const url = "http://127.0.0.1:8123";
  const config = queryConfig({ SPANHOUSE_CLICKHOUSE_URL: url, SPANHOUSE_QUERY_MAX_SECONDS: "5", HOME: "/" });
  expect(config).toMatchObject({
    host: "0.0.0.0",
    port: 7070,
    clickhouse: { url, username: "default", password: "", database: "spanhouse" },
    limits: { seconds: 5 },
  });
});

test("a bad variable ends it with 2 and is named", async () => {
  const { exit, output } = startMain({ SPANHOUSE_QUERY_PORT: "70700", SPANHOUSE_QUERY_MAX_SECONDS: "31" });
  expect(await exit).toEqual([2, null]);
  expect(output()).toMatch(/^CONFIG: /);
  for (const name of ["SPANHOUSE_QUERY_PORT", "SPANHOUSE_QUERY_MAX_SECONDS", "SPANHOUSE_CLICKHOUSE_URL"]) {
    expect(output()).toContain(`${name}: expected `);
  }
});

test("it answers as the reading user, and stops with 0 when told", async () => {
  const { key } = await createApiKeys(store.clickhouse).createKey({ project: "p", scopes: ["read"], label: "test" });
  const { url, reader } = store.server;
  const { child, exit, output } = startMain({
    SPANHOUSE_QUERY_HOST: "127.0.0.1",
    SPANHOUSE_QUERY_PORT: "0",
    SPANHOUSE_CLICKHOUSE_URL: url,
    SPANHOUSE_CLICKHOUSE_USER: reader?.username ?? "",
    SPANHOUSE_CLICKHOUSE_PASSWORD: reader?.password ?? "",
    SPANHOUSE_CLICKHOUSE_DATABASE: store.database,
  });
  try {
    const address = await vi.waitFor(() => {
      const found = /Server listening at (http:\/\/[\d.:]+)/.exec(output())?.[1];
      expect(found, output()).toBeDefined();
      return found!;
    }, 20_000);
    const answer = await fetch(`${address}/v1/traces`, { headers: { authorization: `Bearer ${key}` } });
    expect([answer.status, await answer.json()]).toMatchObject([200, { traces: [], next_cursor: null }]);
    expect((await fetch(`${address}/health/ready`)).status).toBe(200);
    child.kill("SIGTERM");
    expect(await exit, output()).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
  }
});
