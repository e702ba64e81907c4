import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { ClickHouse } from "./clickhouse.ts";
import { defineTable } from "./cluster/define-table.ts";
import { statementsOf } from "./statements.ts";

export interface MigrateOptions {
  /** Of the files `NNNN_name.sql`. */
  readonly directory?: string;
}

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** Beside src and dist alike. */
const ownDirectory = fileURLToPath(new URL("../migrations", import.meta.url));

const table = `CREATE TABLE IF NOT EXISTS migrations
(
    number UInt32,
    name String,
    checksum FixedString(64) COMMENT 'sha256 of the file, hex',
    applied_at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY number
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`;

/**
 * Makes the database and applies the files that it has not had, in order. One that died half-way, or that another
 * process applies at the same time, is applied again: every statement must bear that (IF NOT EXISTS).
 * Throws MIGRATION_CHANGED when a file differs from what was applied under its number.
 */
export async function migrate(clickhouse: ClickHouse, options: MigrateOptions = {}): Promise<{ applied: string[] }> {
  const { directory = ownDirectory } = options;
  const migrations = await readMigrations(directory);
  await clickhouse.createDatabase();
  await defineTable(clickhouse, table);
  const before = await appliedChecksums(clickhouse);
  const pending = migrations.filter(({ number, name, checksum }) => {
    const known = before.get(number);
    if (known !== undefined && known !== checksum) {
      throw new SpanhouseError(
        "MIGRATION_CHANGED",
        `${name} was applied to database ${clickhouse.database} with sha256 ${known} and is now ${checksum}: ` +
          "restore the file, and put the change into a new one.",
      );
    }
    return known === undefined;
  });
  for (const { number, name, sql, checksum } of pending) {
    for (const statement of statementsOf(sql)) await defineTable(clickhouse, statement);
    await clickhouse.command(
      "INSERT INTO migrations (number, name, checksum) VALUES ({number: UInt32}, {name: String}, {checksum: String})",
      { number, name, checksum },
    );
  }
  return { applied: pending.map(({ name }) => name) };
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const migrations: Migration[] = [];
  for (const name of (await readdir(directory)).sort()) {
    const number = Number(/^(\d{4})_\w+\.sql$/.exec(name)?.[1]);
    if (Number.isNaN(number)) throw new Error(`${join(directory, name)} is not named NNNN_name.sql.`);
    if (migrations.at(-1)?.number === number) throw new Error(`${directory} has two migrations ${number}.`);
    const sql = await readFile(join(directory, name), "utf8");
    migrations.push({ number, name, sql, checksum: createHash("sha256").update(sql).digest("hex") });
  }
  return migrations;
}

async function appliedChecksums(clickhouse: ClickHouse): Promise<Map<number, string>> {
  return new Map(await clickhouse.queryRows<[number, string]>("SELECT number, checksum FROM migrations FINAL"));
}
