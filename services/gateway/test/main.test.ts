import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";

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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("a bad variable ends it with 2 and is named", async () => {
  const { exit, output } = startMain({ SPANHOUSE_GATEWAY_PORT: "4318!" });
  expect(await exit).toEqual([2, null]);
  expect(output()).toMatch(/^CONFIG: /);
  expect(output()).toMatch(/SPANHOUSE_GATEWAY_PORT: expected a port.*; got "4318!"/);
  expect(output()).toMatch(/SPANHOUSE_KAFKA_BROKERS: expected host:port.*; it is not set/);
});

test("without broker and ClickHouse it lives, is not ready, and stops with 0 when told", async () => {
  const [port, metricsPort, nobody] = [await freePort(), await freePort(), await freePort()];
  const { child, exit, output } = startMain({
    SPANHOUSE_GATEWAY_HOST: "127.0.0.1",
    SPANHOUSE_GATEWAY_PORT: String(port),
    SPANHOUSE_GATEWAY_GRPC_PORT: "0",
    SPANHOUSE_METRICS_PORT: String(metricsPort),
    SPANHOUSE_KAFKA_BROKERS: `127.0.0.1:${nobody}`,
    SPANHOUSE_CLICKHOUSE_URL: `http://127.0.0.1:${nobody}`,
  });
  try {
    const get = (at: number, path: string) => fetch(`http://127.0.0.1:${at}${path}`);
    await vi.waitFor(async () => expect((await get(port, "/health/live")).status).toBe(200), 20_000);
    expect((await get(port, "/health/ready")).status).toBe(503);
    expect(await (await get(metricsPort, "/metrics")).text()).toContain("spanhouse_gateway_inflight_bytes 0");
    expect((await get(metricsPort, "/v1/traces")).status).toBe(404);
    child.kill("SIGTERM");
    expect(await exit, output()).toEqual([0, null]);
  } finally {
    child.kill("SIGKILL");
  }
});

test("a port that is taken ends it with 1", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { exit, output } = startMain({
    SPANHOUSE_GATEWAY_HOST: "127.0.0.1",
    SPANHOUSE_GATEWAY_GRPC_PORT: "0",
    SPANHOUSE_GATEWAY_PORT: String((server.address() as AddressInfo).port),
    SPANHOUSE_KAFKA_BROKERS: "127.0.0.1:1",
    SPANHOUSE_CLICKHOUSE_URL: "http://127.0.0.1:1",
  });
  expect(await exit).toEqual([1, null]);
  expect(output()).toContain("EADDRINUSE");
  server.close();
});
