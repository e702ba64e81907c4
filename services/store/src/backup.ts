import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { ClickHouse } from "./clickhouse.ts";
import { stringLiteral } from "./sql-literal.ts";

/**
 * A backup beside live traffic is no instant: tables are read one after the other. So it is taken in parts, and the order of
 * the parts makes it one that can be gone on from. What is made from spans comes before them: whatever it counts is
 * then in the spans too, and a rank in it can not lie above what the restored spans come to. What says that something was
 * done to spans comes before them too: what was not yet done in their copy is then not said to be. All else comes after,
 * so that what a span refers to is there: its place, its texts, the number of its prices.
 */
const before: readonly (readonly [part: string, tables: readonly string[]])[] = [
  // A restored consumer starts here, and makes again the aggregates of rows that were written since.
  ["1-checkpoints", ["checkpoints"]],
  [
    "2-aggregates",
    ["rollup_day", "rollup_hour", "rollup_minute", "traces", "repricings", "erasures", "alert_progress"],
  ],
  ["3-spans", ["spans"]],
];
const last = "4-rest";
const parts = [...before.map(([part]) => part), last];

/** A ClickHouse destination of a part's name, such as `File('…')` or `S3('https://…', …)`. */
export type BackupDestination = (part: string) => string;

/** Told before each part how much is done, from 0 to 1. */
export type TellShare = (share: number) => void;

/** Resolves when all parts are there. Throws BACKUP_FAILED with what ClickHouse says, CONFIG for a cluster. */
export async function backUp(
  clickhouse: ClickHouse,
  destination: BackupDestination,
  signal: AbortSignal,
  tell: TellShare,
): Promise<void> {
  const database = onlyServersOf(clickhouse);
  const tables = (await tablesOf(clickhouse)).filter((name) => !name.startsWith(".inner"));
  const early = new Set(before.flatMap(([, names]) => names));
  const contents = [...before, [last, tables.filter((name) => !early.has(name))] as const];
  for (const [i, [part, names]] of contents.entries()) {
    tell(i / contents.length);
    const others = tables.filter((name) => !names.includes(name));
    await run(
      clickhouse,
      (settings) =>
        `BACKUP DATABASE ${quoted(database)} EXCEPT TABLES ${others.map(quoted).join(", ")} ` +
        `TO ${destination(part)} SETTINGS ${settings} ASYNC`,
      signal,
    );
  }
}

/**
 * Makes the tables of a backup in the client's database, which must have none; `from` is the database that was backed up.
 * Throws CONFLICT where there are tables, BACKUP_FAILED with what ClickHouse says, CONFIG for a cluster.
 */
export async function restore(
  clickhouse: ClickHouse,
  destination: BackupDestination,
  from: string,
  signal: AbortSignal,
  tell: TellShare,
): Promise<void> {
  const database = onlyServersOf(clickhouse);
  await clickhouse.createDatabase();
  const there = await tablesOf(clickhouse);
  if (there.length > 0) {
    throw new SpanhouseError(
      "CONFLICT",
      `expected an empty database to restore into; ${database} has ${there.length} tables, ${there[0]} among them`,
    );
  }
  for (const [i, part] of parts.entries()) {
    tell(i / parts.length);
    await run(
      clickhouse,
      (settings) =>
        `RESTORE DATABASE ${quoted(from)} AS ${quoted(database)} FROM ${destination(part)} ` +
        `SETTINGS allow_different_database_def = 1, ${settings} ASYNC`,
      signal,
    );
  }
}

/** The database, where one server has all of it. */
function onlyServersOf({ database, cluster }: ClickHouse): string {
  if (cluster === undefined) return database;
  throw new SpanhouseError(
    "CONFIG",
    `SPANHOUSE_CLICKHOUSE_CLUSTER: expected one server; the cluster ${cluster.name} is backed up by ClickHouse's own statements, in the order of docs/operations/backup.md`,
  );
}

async function tablesOf(clickhouse: ClickHouse): Promise<string[]> {
  const rows = await clickhouse.queryRows<[string]>(
    "SELECT name FROM system.tables WHERE database = {database: String} ORDER BY name",
    { database: clickhouse.database },
  );
  return rows.map(([name]) => name);
}

/** In the server's background: it may take hours, in which no connection should have to stand. */
async function run(clickhouse: ClickHouse, statement: (settings: string) => string, signal: AbortSignal) {
  const id = randomUUID();
  await clickhouse.command(statement(`id = ${stringLiteral(id)}`));
  for (let delayMs = 20; ; delayMs = Math.min(delayMs * 2, 2_000)) {
    const [state] = await clickhouse.query<{ status: string; error: string }>(
      "SELECT toString(status) AS status, error FROM system.backups WHERE id = {id: String}",
      { id },
      { signal },
    );
    if (state === undefined || /FAILED|CANCELLED/.test(state.status)) {
      throw new SpanhouseError(
        "BACKUP_FAILED",
        state?.error.replace(/, Stack trace.*/s, "") || "ClickHouse does not know of it any more",
      );
    }
    if (state.status === "BACKUP_CREATED" || state.status === "RESTORED") return;
    await sleep(delayMs, undefined, { signal });
  }
}

function quoted(identifier: string): string {
  return `\`${identifier.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;
}
