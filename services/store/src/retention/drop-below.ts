import type { ClickHouse } from "../clickhouse.ts";
import { alterParts, mutate } from "../mutation.ts";
import { stringLiteral } from "../sql-literal.ts";

/** Below which time of each project rows go, Unix seconds; 0: none do. */
export interface DropLines {
  readonly ofProject: ReadonlyMap<string, number>;
  /** Below it there is nothing to be kept of any project, even of one yet to be made. */
  readonly ofAll: number;
}

/** What was dropped of a table; `partition` is ClickHouse's id of it. */
export interface Dropped {
  readonly table: string;
  readonly partition: string;
  readonly rows: number;
}

export interface DropBelow {
  readonly clickhouse: ClickHouse;
  readonly table: string;
  /** The column of the time. */
  readonly by: string;
  readonly lines: DropLines;
  readonly signal: AbortSignal;
}

/**
 * Drops the rows of a table below the lines: whole partitions where no project keeps anything of them, else their rows.
 * The quarantine of impossible ends, at the epoch, stays.
 */
export async function dropBelow({ clickhouse, table, by, lines, signal }: DropBelow): Promise<readonly Dropped[]> {
  const where = belowCondition(by, lines);
  if (where === undefined) return [];
  const found = await clickhouse.query<{ partition: string; rows: string }>(
    `SELECT _partition_id AS partition, count() AS rows FROM ${table} WHERE ${where}
     GROUP BY partition ORDER BY partition`,
  );
  const dropped: Dropped[] = [];
  for (const { partition, rows } of found) {
    signal.throwIfAborted();
    if (endOf(partition) <= lines.ofAll) {
      await alterParts(clickhouse, table, `DROP PARTITION ID ${stringLiteral(partition)}`);
    } else {
      await mutate(clickhouse, table, `DELETE IN PARTITION ID ${stringLiteral(partition)} WHERE ${where}`, signal);
    }
    dropped.push({ table, partition, rows: Number(rows) });
  }
  return dropped;
}

function belowCondition(by: string, { ofProject }: DropLines): string | undefined {
  const byLine = new Map<number, string[]>();
  for (const [project, line] of ofProject) {
    if (line > 0) byLine.set(line, [...(byLine.get(line) ?? []), stringLiteral(project)]);
  }
  if (byLine.size === 0) return undefined;
  const conditions = [...byLine].map(
    ([line, projects]) => `(project IN (${projects.join(", ")}) AND ${by} < toDateTime(${line}, 'UTC'))`,
  );
  return `${by} > toDateTime(0, 'UTC') AND (${conditions.join(" OR ")})`;
}

/** When a partition by day (20261005) or month (202610) is over, Unix seconds; never where it is of neither. */
function endOf(partition: string): number {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})?$/.exec(partition) ?? [];
  if (year === undefined || month === undefined) return Number.POSITIVE_INFINITY;
  const end =
    day === undefined
      ? Date.UTC(Number(year), Number(month))
      : Date.UTC(Number(year), Number(month) - 1, Number(day) + 1);
  return end / 1000;
}
