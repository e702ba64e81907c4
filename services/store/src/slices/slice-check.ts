import { quarantineBucket } from "@spanhouse/schemas/bucket";
import type { ClickHouse } from "../clickhouse.ts";
import { everyProject } from "../projects.ts";
import { bucketLiteral, stringLiteral } from "../sql-literal.ts";
import { foldedSql, folds, rolledSql, sliceColumns } from "./slice-sql.ts";
import type { SliceKind, SliceKindName } from "./slices.ts";
import { sliceKindNames, sliceKinds } from "./slices.ts";

/** A stored slice, hour or day that is not what it is computed from. */
export interface SliceDifference {
  readonly grain: "minute" | "hour" | "day";
  readonly kind: SliceKindName;
  readonly project: string;
  /** Minutes since the epoch. */
  readonly bucket: number;
  /** 0 for hours and days. */
  readonly lane: number;
  /** `missing`: it is not stored; `unexpected`: nothing says it should be; `stale`: it lacks rows; `content`: same rows, other sums. */
  readonly difference: "missing" | "unexpected" | "stale" | "content";
}

export interface CheckedRange {
  /** Undefined: all of them. */
  readonly project: string | undefined;
  /** Minutes since the epoch, half-open. */
  readonly from: number;
  readonly to: number;
  /** Every project's `frozen_until`, Unix seconds: what lies below is left out. Undefined: nothing is. */
  readonly frozen?: ReadonlyMap<string, number>;
}

const readFinal = { do_not_merge_across_partitions_select_final: 1 } as const;

/** Which differences a statement tells at most. */
const limit = 1000;

/**
 * Compares, in the server: minutes with what `spans` says now, and hours and days with what the finer rows say. Reads
 * only. An hour or day that is not folded is none: the views read its finer rows.
 */
export async function checkSlices(
  clickhouse: ClickHouse,
  range: CheckedRange,
  rollCode: number,
): Promise<SliceDifference[]> {
  const found: SliceDifference[] = [];
  const where = rangeCondition(range);
  for (const kind of sliceKindNames) {
    const check = async (grain: SliceDifference["grain"], comparison: Comparison) => {
      type Row = Omit<SliceDifference, "grain" | "kind">;
      const rows = await clickhouse.query<Row>(differencesSql(kind, comparison), {}, { settings: readFinal });
      found.push(...rows.map((row) => ({ grain, kind, ...row })));
    };
    const expected = rolledSql(kind, where, rollCode);
    await check("minute", { table: "rollup_minute", lane: "lane", where, expected, mayBeMissing: false });
    for (const grain of ["hour", "day"] as const) {
      const fold = folds[grain];
      const ofFold = rangeCondition(widened(range, fold.seconds / 60));
      const stored = `(project, ${fold.start}(bucket)) IN (SELECT project, bucket FROM ${fold.into} WHERE kind = '${kind}' AND ${ofFold})`;
      await check(grain, {
        ...{ table: fold.into, lane: "shard", where: ofFold, mayBeMissing: true },
        expected: foldedSql(kind, fold, `${stored} AND ${ofFold}`),
      });
    }
  }
  return found;
}

/** To whole multiples of so many minutes. */
function widened({ from, to, ...range }: CheckedRange, minutes: number): CheckedRange {
  return { ...range, from: Math.floor(from / minutes) * minutes, to: Math.ceil(to / minutes) * minutes };
}

/** A condition over `project` and `bucket`. */
export function rangeCondition({ project, from, to, frozen = new Map() }: CheckedRange): string {
  const conditions = project === undefined ? [] : [`project = ${stringLiteral(project)}`];
  conditions.push(`bucket >= ${bucketLiteral(from)}`, `bucket < ${bucketLiteral(to)}`);
  for (const [name, until] of frozen) {
    if (until === 0) continue;
    const below = `bucket > ${bucketLiteral(quarantineBucket)} AND bucket < ${until}`;
    conditions.push(name === everyProject ? `NOT (${below})` : `NOT (project = ${stringLiteral(name)} AND ${below})`);
  }
  return conditions.join(" AND ");
}

interface Comparison {
  readonly table: string;
  readonly lane: string;
  readonly where: string;
  readonly expected: string;
  readonly mayBeMissing: boolean;
}

function differencesSql(kind: SliceKindName, { table, lane, where, expected, mayBeMissing }: Comparison): string {
  const side = (name: "expected" | "stored", source: string) =>
    `(SELECT project, bucket, ${lane} AS lane, rank, ${contentSql(kind)} AS content, true AS here FROM ${source}) AS ${name}`;
  const stored = `(SELECT * FROM ${table} FINAL WHERE kind = '${kind}' AND ${where})`;
  return `SELECT if(expected.here, expected.project, stored.project) AS project,
  toUInt32(intDiv(toUnixTimestamp(if(expected.here, expected.bucket, stored.bucket)), 60)) AS bucket,
  toUInt32(if(expected.here, expected.lane, stored.lane)) AS lane,
  multiIf(NOT stored.here, 'missing', NOT expected.here, 'unexpected', expected.rank != stored.rank, 'stale', 'content') AS difference
FROM ${side("expected", `(${expected})`)}
FULL OUTER JOIN ${side("stored", stored)} USING (project, bucket, lane)
WHERE ${mayBeMissing ? "stored.here AND " : ""}(NOT expected.here OR NOT stored.here OR expected.rank != stored.rank OR expected.content != stored.content)
ORDER BY project, bucket, lane LIMIT ${limit}`;
}

/** A slice's arrays as one sorted array of rows; sketches by the quantiles that they give. */
function contentSql(kindName: SliceKindName): string {
  const { measures }: SliceKind = sliceKinds[kindName];
  const columns = sliceColumns(kindName).map((column) =>
    measures[column]?.merge === "sketch" ? `arrayMap(sketch -> finalizeAggregation(sketch), ${column})` : column,
  );
  return `arraySort(arrayMap(row -> toString(row), arrayZip(${columns.join(", ")})))`;
}
