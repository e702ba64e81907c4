import type { Bucket } from "@spanhouse/schemas/bucket";
import { laneOf } from "@spanhouse/schemas/lane";
import type { ClickHouse } from "../clickhouse.ts";
import { bucketLiteral, fixedStringLiteral, stringLiteral } from "../sql-literal.ts";
import { contentShift, isAggregate, isVoid, withMarks } from "../version.ts";

/** A row whose void or aggregate bit has risen; `version` is the row's with the new bits. */
export interface RaisedRow {
  readonly project: string;
  readonly traceId: string;
  readonly bucket: Bucket;
  readonly spanId: string;
  readonly version: bigint;
}

const rowsPerStatement = 2000;

/** The key is the same in all versions of a row, so that what is not asked for may be left out before FINAL. */
const settings = { do_not_merge_across_partitions_select_final: 1, max_threads: 1 } as const;

/**
 * Inserts raised rows again with their bits. The server copies them as they stand, with columns that only a newer version
 * of this program knows; only the version rises. Only rows that still have the content that the marks were decided on: a row
 * that was superseded meanwhile is marked by whoever superseded it. Harmless whenever it comes through, even long after
 * its client died, because it ORs bits onto the row that is there.
 */
export async function raiseMarks(clickhouse: ClickHouse, raised: readonly RaisedRow[]): Promise<void> {
  for (const group of byMarksAndDay(raised)) {
    for (let i = 0; i < group.length; i += rowsPerStatement) {
      const rows = group.slice(i, i + rowsPerStatement);
      const first = rows[0]!;
      const bits = withMarks(0n, { void: isVoid(first.version), aggregate: isAggregate(first.version) });
      const keys = rows.map(
        ({ project, bucket, traceId, spanId }) =>
          `${stringLiteral(project)}, ${bucketLiteral(bucket)}, ${laneOf(traceId)}, ${fixedStringLiteral(traceId)}, ${fixedStringLiteral(spanId)}`,
      );
      const contents = rows.map(({ version }, n) => `${keys[n]}, ${version >> contentShift}`);
      await clickhouse.command(
        `INSERT INTO spans (* EXCEPT (written_at))
         SELECT * EXCEPT (written_at) REPLACE (bitOr(version, toUInt64(${bits})) AS version) FROM
         (
           SELECT * FROM spans FINAL
           PREWHERE (project, bucket, lane, trace_id, span_id) IN (${tuples(keys)})
           WHERE (project, bucket, lane, trace_id, span_id, bitShiftRight(version, ${contentShift})) IN (${tuples(contents)})
         )`,
        {},
        settings,
      );
    }
  }
}

function tuples(values: readonly string[]): string {
  return values.map((value) => `(${value})`).join(", ");
}

function byMarksAndDay(rows: readonly RaisedRow[]): Iterable<RaisedRow[]> {
  const groups = new Map<string, RaisedRow[]>();
  for (const row of rows) {
    const key = `${isVoid(row.version)} ${isAggregate(row.version)} ${Math.floor(row.bucket / 1440)}`;
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups.values();
}
