import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ClickHouse, createClickHouse } from "../src/clickhouse.ts";
import { retrying } from "../src/retrying.ts";
import { type EmbeddedServer, startEmbeddedServer } from "../src/server/embedded-server.ts";
import { engineLibrary } from "../src/server/engine-library.ts";

function freshDirectory(): string {
  return mkdtempSync(join(tmpdir(), "spanhouse server with spaces "));
}

function clientOf(server: EmbeddedServer, user: "writer" | "reader" = "writer"): ClickHouse {
  const { username, password } = user === "writer" ? server : server.reader;
  return createClickHouse({ url: server.url, username, password, database: "house" });
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("a running server", () => {
  const dataDir = freshDirectory();
  const lines: string[] = [];
  let server: EmbeddedServer;
  let clickhouse: ClickHouse;
  let reader: ClickHouse;

  beforeAll(async () => {
    server = await startEmbeddedServer({ dataDir, log: (line) => lines.push(line) });
    clickhouse = clientOf(server);
    reader = clientOf(server, "reader");
    await clickhouse.createDatabase();
    await clickhouse.command("CREATE TABLE rows (number UInt64) ENGINE = MergeTree ORDER BY number");
  });
  afterAll(async () => {
    await Promise.all([clickhouse.close(), reader.close()]);
    await server.stop();
    rmSync(dataDir, { recursive: true });
  });

  test("is killed and comes back at the same address with its rows", async () => {
    await clickhouse.command("INSERT INTO rows SELECT number FROM numbers(1000)");
    const killed = server.pid;
    process.kill(killed, "SIGKILL");
    const rows = await retrying(clickhouse, { greatestDelayMs: 200 }).queryRows("SELECT count() FROM rows");
    expect(rows).toEqual([["1000"]]);
    await expect.poll(() => server.pid).not.toBe(killed);
    expect(lines.join("\n")).toContain("signal SIGKILL");
  });

  test("refuses its directory to a second one, and keeps working", async () => {
    await expect(startEmbeddedServer({ dataDir })).rejects.toMatchObject({
      code: "STORE_IN_USE",
      message: expect.stringContaining(`process ${process.pid}`),
    });
    expect(await clickhouse.ping()).toBe(true);
  });

  test("has a neighbour", async () => {
    const otherDir = freshDirectory();
    const other = await startEmbeddedServer({ dataDir: otherDir });
    const neighbour = clientOf(other);
    expect(other.url).not.toBe(server.url);
    await neighbour.createDatabase();
    expect(await neighbour.queryRows("SELECT name FROM system.tables WHERE database = 'house'")).toEqual([]);
    await neighbour.close();
    await other.stop();
    rmSync(otherDir, { recursive: true });
  });

  test("lets the reader read", async () => {
    expect(await reader.queryRows("SELECT count() >= 0 FROM rows")).toEqual([[1]]);
  });

  test.each([
    "INSERT INTO rows VALUES (1)",
    "CREATE TABLE mine (number UInt64) ENGINE = Memory",
    "ALTER TABLE rows DELETE WHERE 1",
    "DROP TABLE rows",
    "SYSTEM STOP MERGES rows",
    "SELECT * FROM file('/etc/passwd', LineAsString)",
    "SELECT * FROM url('http://127.0.0.1:1/', LineAsString)",
    "SELECT 1 SETTINGS max_execution_time = 0",
    "SELECT 1 SETTINGS max_memory_usage = 0",
    "SELECT 1 SETTINGS max_rows_to_read = 100000000000",
    "SELECT 1 SETTINGS readonly = 0",
  ])("refuses the reader: %s", async (sql) => {
    const user = { "X-ClickHouse-User": server.reader.username, "X-ClickHouse-Key": server.reader.password };
    const response = await fetch(`${server.url}/?database=house`, { method: "POST", headers: user, body: sql });
    expect(await response.text()).toMatch(/ACCESS_DENIED|READONLY|SETTING_CONSTRAINT_VIOLATION/);
    expect(response.ok).toBe(false);
  });

  test.each([{}, { "X-ClickHouse-User": "default", "X-ClickHouse-Key": "" }, { "X-ClickHouse-User": "spanhouse" }])(
    "lets nobody in without a password: %o",
    async (headers) => {
      const response = await fetch(`${server.url}/?query=SELECT+1`, { headers: headers as Record<string, string> });
      expect(response.ok).toBe(false);
    },
  );

  test("keeps its configuration to its user, and no password in it", () => {
    const file = join(dataDir, "server.xml");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, "utf8");
    expect(text).not.toContain(server.password);
    expect(text).not.toContain(server.reader.password);
  });

  test("keeps no system logs", async () => {
    await clickhouse.command("SYSTEM FLUSH LOGS");
    const logs = "SELECT name FROM system.tables WHERE database = 'system' AND engine LIKE '%MergeTree'";
    expect(await clickhouse.queryRows(logs)).toEqual([]);
  });

  test("merges", async () => {
    await clickhouse.command("CREATE TABLE parts (number UInt64) ENGINE = MergeTree ORDER BY number");
    for (let part = 0; part < 12; part++) await clickhouse.command("INSERT INTO parts SELECT number FROM numbers(10)");
    await expect
      .poll(() => clickhouse.queryRows("SELECT max(level) > 0 FROM system.parts WHERE table = 'parts' AND active"), {
        timeout: 20_000,
      })
      .toEqual([[1]]);
  });
});

describe("stopping and starting", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = freshDirectory();
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  test("rows outlive a stop; passwords do not", async () => {
    const first = await startEmbeddedServer({ dataDir });
    const writing = clientOf(first);
    await writing.createDatabase();
    await writing.command("CREATE TABLE rows (number UInt64) ENGINE = MergeTree ORDER BY number");
    await writing.command("INSERT INTO rows SELECT number FROM numbers(10)");
    await writing.close();
    await Promise.all([first.stop(), first.stop()]);
    expect(lives(first.pid)).toBe(false);

    const second = await startEmbeddedServer({ dataDir });
    expect(second.password).not.toBe(first.password);
    const reading = clientOf(second);
    expect(await reading.queryRows("SELECT count() FROM rows")).toEqual([["10"]]);
    await reading.close();
    await second.stop();
  });

  test("a stop while the engine is being started again is a stop", async () => {
    let heard: () => void = () => undefined;
    const died = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const server = await startEmbeddedServer({ dataDir, log: () => heard() });
    process.kill(server.pid, "SIGKILL");
    await died;
    await server.stop();
    await expect(fetch(server.url)).rejects.toThrow();
    // The directory is free.
    await (await startEmbeddedServer({ dataDir })).stop();
  });

  test("a taken port is STORE_START with what the engine said, and the directory is free", async () => {
    const holder = createServer((socket) => socket.destroy());
    await new Promise<void>((listening) => holder.listen(0, "127.0.0.1", listening));
    const httpPort = (holder.address() as AddressInfo).port;
    await expect(startEmbeddedServer({ dataDir, httpPort })).rejects.toMatchObject({
      code: "STORE_START",
      message: expect.stringContaining("in use"),
    });
    await new Promise((closed) => holder.close(closed));
    const server = await startEmbeddedServer({ dataDir, httpPort });
    expect(server.url).toBe(`http://127.0.0.1:${httpPort}`);
    await server.stop();
  });

  test("a lock file that nobody holds is no lock, whatever pid it names", async () => {
    writeFileSync(join(dataDir, "lock"), `${process.ppid}\n`);
    await (await startEmbeddedServer({ dataDir })).stop();
  });

  test("the engine goes with a parent that is killed, and its directory is free at once", async () => {
    const parent = startParent(dataDir);
    const pid = await printedPid(parent);
    expect(lives(pid)).toBe(true);
    await expect(startEmbeddedServer({ dataDir })).rejects.toMatchObject({
      code: "STORE_IN_USE",
      message: expect.stringContaining(`process ${parent.pid}`),
    });
    parent.kill("SIGKILL");
    await once(parent, "exit");
    const next = await startEmbeddedServer({ dataDir });
    await expect.poll(() => lives(pid), { timeout: 5_000 }).toBe(false);
    await next.stop();
  });
});

test("a platform without the engine says how to get a server", () => {
  expect(() => engineLibrary("win32-x64")).toThrow(
    expect.objectContaining({
      code: "STORE_PLATFORM",
      message: expect.stringMatching(/win32-x64[\s\S]*docker run [\s\S]*SPANHOUSE_CLICKHOUSE_URL=http:/),
    }),
  );
});

function startParent(dataDir: string): ChildProcess {
  const script = fileURLToPath(new URL("./server-parent.mjs", import.meta.url));
  return spawn(process.execPath, [script, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
}

async function printedPid(parent: ChildProcess): Promise<number> {
  const [line] = await once(parent.stdout!, "data");
  return Number(String(line));
}
