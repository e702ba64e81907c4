import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { migrate } from "../src/migrate.ts";
import { statementsOf } from "../src/statements.ts";
import { type TestClickHouse, testClickHouse } from "./test-clickhouse.ts";

describe("migrate", () => {
  let store: TestClickHouse;
  let directory: string;
  beforeEach(async () => {
    store = await testClickHouse({ migrated: false });
    directory = mkdtempSync(join(tmpdir(), "spanhouse migrations "));
    file("0001_first.sql", "CREATE TABLE IF NOT EXISTS first (a UInt8) ENGINE = MergeTree ORDER BY a;\n");
    file(
      "0002_second.sql",
      "CREATE TABLE IF NOT EXISTS second (a UInt8) ENGINE = MergeTree ORDER BY a;\nALTER TABLE second ADD COLUMN IF NOT EXISTS b UInt8;\n",
    );
  });
  afterEach(async () => {
    await store.drop();
    rmSync(directory, { recursive: true });
  });

  function file(name: string, sql: string): void {
    writeFileSync(join(directory, name), sql);
  }

  async function tables(): Promise<string[]> {
    const rows = await store.clickhouse.queryRows<[string]>(
      "SELECT name FROM system.tables WHERE database = {database: String} ORDER BY name",
      { database: store.database },
    );
    return rows.map(([name]) => name);
  }

  test("makes the database and applies the files in order, once", async () => {
    expect(await migrate(store.clickhouse, { directory })).toEqual({ applied: ["0001_first.sql", "0002_second.sql"] });
    expect(await tables()).toEqual(["first", "migrations", "second"]);
    expect(await store.clickhouse.queryRows("SELECT number, name FROM migrations ORDER BY number")).toEqual([
      [1, "0001_first.sql"],
      [2, "0002_second.sql"],
    ]);
    expect(await migrate(store.clickhouse, { directory })).toEqual({ applied: [] });

    file("0003_third.sql", "CREATE TABLE IF NOT EXISTS third (a UInt8) ENGINE = MergeTree ORDER BY a");
    expect(await migrate(store.clickhouse, { directory })).toEqual({ applied: ["0003_third.sql"] });
  });

  test("names a file that changed after it was applied, and applies nothing", async () => {
    await migrate(store.clickhouse, { directory });
    file("0002_second.sql", "CREATE TABLE IF NOT EXISTS second (other UInt8) ENGINE = MergeTree ORDER BY other;\n");
    file("0003_third.sql", "CREATE TABLE IF NOT EXISTS third (a UInt8) ENGINE = MergeTree ORDER BY a;\n");
    await expect(migrate(store.clickhouse, { directory })).rejects.toMatchObject({
      code: "MIGRATION_CHANGED",
      message: expect.stringContaining("0002_second.sql"),
    });
    expect(await tables()).not.toContain("third");
  });

  test("goes on after a file that was left half applied", async () => {
    file(
      "0002_second.sql",
      `CREATE TABLE IF NOT EXISTS second (a UInt8) ENGINE = MergeTree ORDER BY a;\nSELECT wrong;\n`,
    );
    await expect(migrate(store.clickhouse, { directory })).rejects.toThrow("wrong");
    expect(await tables()).toContain("second");

    file("0002_second.sql", "CREATE TABLE IF NOT EXISTS second (a UInt8) ENGINE = MergeTree ORDER BY a;\nSELECT 1;\n");
    expect(await migrate(store.clickhouse, { directory })).toEqual({ applied: ["0002_second.sql"] });
  });

  test("may be run by several at once", async () => {
    await Promise.all(Array.from({ length: 4 }, () => migrate(store.clickhouse, { directory })));
    expect(await tables()).toEqual(["first", "migrations", "second"]);
    expect(await migrate(store.clickhouse, { directory })).toEqual({ applied: [] });
  });

  test.each([["first.sql"], ["0002_again.sql"]])("refuses a directory with %s", async (name) => {
    file(name, "SELECT 1;\n");
    await expect(migrate(store.clickhouse, { directory })).rejects.toThrow(/not named|two migrations/);
  });

  test("the product's own migrations apply, and apply again over themselves", async () => {
    const { applied } = await migrate(store.clickhouse);
    expect(applied[0]).toBe("0001_spans.sql");
    await store.clickhouse.command("TRUNCATE TABLE migrations");
    expect(await migrate(store.clickhouse)).toEqual({ applied });
  });
});

describe("statementsOf", () => {
  test("splits at a semicolon that ends a line, outside quotes and comments", () => {
    const sql = `-- first; with a note;
CREATE TABLE a (t String DEFAULT 'it''s;
' COMMENT 'back\\'slash;
');  -- trailing;
/* between;
*/
SELECT \`;\`, ";
" FROM a WHERE x = 'a;b';
SELECT 1; SELECT 2;
-- only a comment;
`;
    expect(statementsOf(sql)).toEqual([
      "-- first; with a note;\nCREATE TABLE a (t String DEFAULT 'it''s;\n' COMMENT 'back\\'slash;\n')",
      "/* between;\n*/\nSELECT `;`, \";\n\" FROM a WHERE x = 'a;b'",
      "SELECT 1; SELECT 2",
    ]);
  });

  test("bears Windows line ends, no last semicolon, and nothing", () => {
    expect(statementsOf("SELECT 1;\r\nSELECT 2")).toEqual(["SELECT 1", "SELECT 2"]);
    expect(statementsOf(" \n;\n")).toEqual([]);
  });
});
