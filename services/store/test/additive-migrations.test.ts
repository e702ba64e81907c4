import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { statementsOf } from "../src/statements.ts";

const directory = new URL("../migrations/", import.meta.url);
const statements = readdirSync(directory)
  .sort()
  .flatMap((file) => statementsOf(readFileSync(new URL(file, directory), "utf8")).map((sql) => ({ file, sql })))
  .map(({ file, sql }) => ({ file, sql: sql.replaceAll(/--.*$/gm, "").trim() }));

const enumValues = (sql: string, column: string) =>
  new Set(new RegExp(`\\b${column}\\s+Enum8\\(([^)]*)\\)`).exec(sql)?.[1]?.match(/'\w+' = \d+/g) ?? []);

/** What a table is sorted by as it was made. */
const keyOf = (sql: string, table: string) =>
  new RegExp(`^CREATE TABLE IF NOT EXISTS ${table}\\s.*\\nORDER BY \\(([^)]*)\\)`, "s").exec(sql)?.[1];

/** Why a version of the program from before the statement could no longer work beside one from after it. */
function objection(sql: string, earlier: readonly string[]): string | undefined {
  if (/^CREATE TABLE IF NOT EXISTS /.test(sql)) return undefined;
  const view = /^CREATE OR REPLACE VIEW (\w+)/.exec(sql)?.[1];
  if (view !== undefined) {
    const again = earlier.some((one) => new RegExp(`VIEW ${view}\\b`).test(one));
    return again ? `replaces the view ${view}: make one of another name, which older readers do not know` : undefined;
  }
  const altered = /^ALTER TABLE (\w+)\s+(.*)$/s.exec(sql);
  if (!altered) return "is neither a new table, a new view nor an addition to a table";
  const [, table, body] = altered as unknown as [string, string, string];
  // Each command of the list begins with its verb.
  for (const command of body.split(/,\s*(?=(?:ADD|DROP|MODIFY|RENAME|CLEAR|MATERIALIZE|DELETE|UPDATE|COMMENT)\s)/)) {
    if (/^ADD (COLUMN|INDEX|PROJECTION) IF NOT EXISTS /.test(command)) continue;
    // How a column lies on the disk, and when its parts are merged, is nobody's business but the server's.
    if (/^MODIFY COLUMN \w+ CODEC\([^;]*\);?$/.test(command)) continue;
    if (/^MODIFY SETTING merge_\w+ = \d+;?$/.test(command)) continue;
    const key = /^MODIFY ORDER BY \((.*)\);?$/.exec(command)?.[1];
    if (
      key !== undefined &&
      earlier.some((one) => keyOf(one, table) !== undefined && key.startsWith(`${keyOf(one, table)}, `))
    )
      continue;
    const column = /^MODIFY COLUMN (\w+) Enum8/.exec(command)?.[1];
    const made = earlier.find((one) => new RegExp(`CREATE TABLE IF NOT EXISTS ${table}\\s`).test(one)) ?? "";
    const [values, before] = column === undefined ? [] : [enumValues(command, column), enumValues(made, column)];
    if (values && before && before.size > 0 && [...before].every((value) => values.has(value))) continue;
    return `changes what is there: ${command.slice(0, 80)}`;
  }
  return undefined;
}

test("migrations only add: a version of the program works on the tables of later ones", () => {
  expect(statements.length).toBeGreaterThan(40);
  const earlier: string[] = [];
  for (const { file, sql } of statements) {
    expect(objection(sql, earlier), file).toBeUndefined();
    earlier.push(sql);
  }
});

test.each([
  "DROP TABLE spans",
  "RENAME TABLE spans TO calls",
  "ALTER TABLE spans DROP COLUMN message",
  "ALTER TABLE spans ADD COLUMN IF NOT EXISTS a UInt8, DROP COLUMN message",
  "ALTER TABLE spans RENAME COLUMN message TO text",
  "ALTER TABLE spans MODIFY COLUMN message LowCardinality(String)",
  "ALTER TABLE erasures MODIFY COLUMN event Enum8('begun' = 1)",
  "ALTER TABLE spans MODIFY ORDER BY (project, bucket)",
  "CREATE OR REPLACE VIEW spend AS SELECT 1",
  "TRUNCATE TABLE spans",
])("would object to: %s", (sql) => {
  const earlier = statements.map((one) => one.sql);
  expect(objection(sql, earlier)).toBeDefined();
});
