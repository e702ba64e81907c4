import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClickHouse } from "../src/clickhouse.ts";
import { isRetryable, isTooExpensive } from "../src/clickhouse-error.ts";
import { retrying } from "../src/retrying.ts";
import { RowBinaryWriter } from "../src/row-binary.ts";
import { type TestClickHouse, testClickHouse } from "./test-clickhouse.ts";

let store: TestClickHouse;
beforeAll(async () => {
  store = await testClickHouse({ migrated: false });
  await store.clickhouse.createDatabase();
  await store.clickhouse.command("CREATE TABLE numbers (number UInt64) ENGINE = MergeTree ORDER BY number");
});
afterAll(() => store.drop());

describe("reading", () => {
  test("integers of 64 bits and decimals come whole, as strings", async () => {
    const sql = "SELECT toUInt64(18446744073709551615) AS big, toDecimal64('0.000000000001', 12) AS cost, 7 AS small";
    expect(await store.clickhouse.query(sql)).toEqual([
      { big: "18446744073709551615", cost: "0.000000000001", small: 7 },
    ]);
    expect(await store.clickhouse.queryRows(sql)).toEqual([["18446744073709551615", "0.000000000001", 7]]);
  });

  test("parameters are values, whatever they contain", async () => {
    const text = "'; DROP TABLE numbers; --\\ \t\n\r \u{1F600}";
    expect(await store.clickhouse.queryRows("SELECT {text: String}", { text })).toEqual([[text]]);
  });

  test("3,000 ids as one parameter, 30,000 in the statement", async () => {
    const ids = Array.from({ length: 30_000 }, (_, index) => index.toString(16).padStart(32, "0"));
    const some = ids.slice(0, 3_000);
    expect(
      await store.clickhouse.queryRows("SELECT length({ids: Array(String)}), {ids: Array(String)}[3000]", {
        ids: some,
      }),
    ).toEqual([["3000", some.at(-1)]]);
    const literals = ids.map((id) => `'${id}'`).join(", ");
    expect(await store.reader.queryRows(`SELECT '${ids.at(-1)}' IN (${literals})`)).toEqual([[1]]);
  });

  test("an error in the middle of the result rejects", async () => {
    const reading = store.clickhouse.queryRows(
      "SELECT number, throwIf(number = 900000, 'in the middle') FROM numbers(1000000) SETTINGS max_block_size = 1000",
    );
    await expect(reading).rejects.toThrow("in the middle");
  });

  test("a signal ends a query, before and while it runs", async () => {
    const endless =
      "SELECT sleepEachRow(0.2) FROM numbers(100000) SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0";
    await expect(store.reader.query(endless, {}, { signal: AbortSignal.abort() })).rejects.toThrow("aborted");
    await expect(store.reader.query(endless, {}, { signal: AbortSignal.timeout(300) })).rejects.toThrow("aborted");
    await expect
      .poll(
        () =>
          store.clickhouse.queryRows(
            "SELECT count() FROM system.processes WHERE query LIKE 'SELECT sleepEachRow(0.2)%'",
          ),
        { timeout: 10_000 },
      )
      .toEqual([["0"]]);
  });
});

describe("inserting", () => {
  test("chunks are one body and one block", async () => {
    const writer = new RowBinaryWriter();
    for (let number = 0; number < 1_500_000; number++) writer.uint64(number);
    const bytes = writer.bytes();
    await store.clickhouse.insert("numbers", ["number"], [bytes.subarray(0, 1_000_001), bytes.subarray(1_000_001)]);
    expect(await store.clickhouse.queryRows("SELECT count(), sum(number) FROM numbers")).toEqual([
      ["1500000", "1124999250000"],
    ]);
    expect(
      await store.clickhouse.queryRows(
        "SELECT count() FROM system.parts WHERE database = {database: String} AND table = 'numbers' AND level = 0",
        { database: store.database },
      ),
    ).toEqual([["1"]]);
  });

  test("a body that ends in a value is refused, for good, with no row kept", async () => {
    await store.clickhouse.command("CREATE TABLE broken AS numbers");
    const inserting = store.clickhouse.insert("broken", ["number"], new Uint8Array(8 * 1000 + 3));
    const error = await inserting.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(isRetryable(error)).toBe(false);
    expect(await store.clickhouse.queryRows("SELECT count() FROM broken")).toEqual([["0"]]);
  });

  test("no bytes are no insert", async () => {
    await store.clickhouse.insert("no such table", ["number"], []);
  });
});

describe("errors", () => {
  test("a wrong statement is permanent", async () => {
    const error = await store.clickhouse.query("SELECT wrong").catch((reason: unknown) => reason);
    expect(isRetryable(error)).toBe(false);
    expect(isTooExpensive(error)).toBe(false);
  });

  test("a query above its limit is told apart", async () => {
    const sql = "SELECT max(number) FROM system.numbers";
    const read = await store.reader
      .query(sql, {}, { settings: { max_rows_to_read: "1000000" } })
      .catch((reason: unknown) => reason);
    expect(isTooExpensive(read)).toBe(true);
    expect(isRetryable(read)).toBe(false);
    const slow = await store.reader.query(sql, {}, { settings: { max_execution_time: 1 } }).catch((error) => error);
    expect(isTooExpensive(slow)).toBe(true);
  });

  test("nobody listening, a cut connection, silence and a proxy's 503 are retryable", async () => {
    const server = createServer((request, response) => {
      if (request.url?.includes("database=cut")) request.socket.destroy();
      else if (request.url?.includes("database=proxy")) response.writeHead(503).end("503 Service Unavailable");
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const errorOf = async (database: string) => {
      const clickhouse = createClickHouse({ url, database, timeoutMs: 200 });
      try {
        return await clickhouse.query("SELECT 1").catch((error: unknown) => error);
      } finally {
        await clickhouse.close();
      }
    };
    for (const database of ["cut", "proxy", "silent"])
      expect(isRetryable(await errorOf(database)), database).toBe(true);
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    expect(isRetryable(await errorOf("absent"))).toBe(true);
  });
});

describe("retrying", () => {
  test("repeats what may pass, and says so, until it does", async () => {
    const attempts: number[] = [];
    let failures = 3;
    const flaky = {
      ...store.clickhouse,
      async queryRows<T extends readonly unknown[]>(sql: string): Promise<T[]> {
        if (failures-- > 0) throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
        return store.clickhouse.queryRows<T>(sql);
      },
    };
    const patient = retrying(flaky, { firstDelayMs: 1, onRetry: (_, attempt) => attempts.push(attempt) });
    expect(await patient.queryRows("SELECT 1")).toEqual([[1]]);
    expect(attempts).toEqual([1, 2, 3]);
  });

  test("does not repeat what cannot pass", async () => {
    const patient = retrying(store.clickhouse, {
      onRetry: () => {
        throw new Error("retried");
      },
    });
    await expect(patient.command("SELECT wrong")).rejects.toThrow("wrong");
  });

  test("its signal ends the waiting", async () => {
    const stopping = new AbortController();
    const absent = createClickHouse({ url: "http://127.0.0.1:1", database: "absent" });
    const patient = retrying(absent, {
      signal: stopping.signal,
      greatestDelayMs: 60_000,
      firstDelayMs: 60_000,
      onRetry: () => stopping.abort(new Error("shutdown")),
    });
    await expect(patient.insert("numbers", ["number"], new Uint8Array(8))).rejects.toThrow(/shutdown|aborted/);
    await absent.close();
  });
});

describe("the server", () => {
  test("pings, and is new enough", async () => {
    expect(await store.clickhouse.ping()).toBe(true);
    expect(await store.clickhouse.version()).toMatch(/^\d+\.\d+/);
    const absent = createClickHouse({ url: "http://127.0.0.1:1", database: "absent" });
    expect(await absent.ping()).toBe(false);
    await absent.close();
  });

  test("one older than 25.8 is refused", async () => {
    const server = createServer((_, response) => response.end('["25.3.6.56"]\n'));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const old = createClickHouse({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      database: "default",
    });
    await expect(old.version()).rejects.toMatchObject({ code: "STORE_VERSION" });
    await old.close();
    await new Promise((closed) => server.close(closed));
  });
});
