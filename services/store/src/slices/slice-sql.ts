import type { SliceKind, SliceKindName } from "./slices.ts";
import { sketchParameters, sliceKinds } from "./slices.ts";

/**
 * The SQL of slices, from their catalogue. Each statement reads one snapshot and writes each slice whole, with the rank
 * of exactly the rows it read: whoever runs it, however late, a greater rank knew more.
 */

const rankCodeShift = 112;
const rankSumMask = `toUInt128('${(1n << 112n) - 1n}')`;

/** The roll of `where` (a condition over spans) into minute slices of a kind. */
export function rollSql(kindName: SliceKindName, where: string, rollCode: number): string {
  return `INSERT INTO rollup_minute (project, kind, bucket, lane, rank, ${sliceColumns(kindName).join(", ")})
${rolledSql(kindName, where, rollCode)}`;
}

/** Dimensions, then measures. */
export function sliceColumns(kindName: SliceKindName): readonly string[] {
  const kind: SliceKind = sliceKinds[kindName];
  return [...Object.keys(kind.dimensions), ...Object.keys(kind.measures)];
}

/** The minute slices of a kind as `spans` has them now. Void spans and aggregates lend their rank only. */
export function rolledSql(kindName: SliceKindName, where: string, rollCode: number): string {
  const kind: SliceKind = sliceKinds[kindName];
  const dimensions = Object.keys(kind.dimensions);
  return `SELECT project, '${kindName}' AS kind, bucket, lane,
  bitShiftLeft(toUInt128(${rollCode}), ${rankCodeShift}) + sum(versions) AS rank,
  ${sliceColumns(kindName)
    .map((column) => `groupArrayIf(slice_${column}, counted) AS ${column}`)
    .join(",\n  ")}
FROM
(
  SELECT project, bucket, lane, (${kind.counted}) AND NOT void AND NOT aggregate AS counted,
    sum(toUInt128(version)) AS versions,
    ${Object.entries(kind.dimensions)
      .map(([column, expression]) => `if(counted, ${expression}, ${emptyDimension(expression)}) AS slice_${column}`)
      .join(", ")},
    ${Object.entries(kind.measures)
      .map(([column, measure]) => `${measure.ofSpans} AS slice_${column}`)
      .join(",\n    ")}
  FROM spans FINAL
  WHERE ${where}
  GROUP BY project, bucket, lane, counted, ${dimensions.map((column) => `slice_${column}`).join(", ")}
)
GROUP BY project, bucket, lane`;
}

/**
 * What is not counted lends its rank only, so that all of it may be one group: to sum it up by its dimensions, with a
 * sketch each, cost as much as what is counted.
 */
function emptyDimension(expression: string): string {
  return expression.startsWith("toBool(") ? "false" : "''";
}

export interface Fold {
  readonly from: "rollup_minute" | "rollup_hour";
  readonly into: "rollup_hour" | "rollup_day";
  /** The start of the coarser grain that a finer bucket lies in. */
  readonly start: "toStartOfHour" | "toStartOfDay";
  /** The length of the coarser grain, seconds. */
  readonly seconds: number;
}

export const folds = {
  hour: { from: "rollup_minute", into: "rollup_hour", start: "toStartOfHour", seconds: 3600 },
  day: { from: "rollup_hour", into: "rollup_day", start: "toStartOfDay", seconds: 86400 },
} as const satisfies Record<string, Fold>;

/** Folds the finer rows that `where` names into the coarser table, whole hours or days at a time. */
export function foldSql(kindName: SliceKindName, fold: Fold, where: string): string {
  return `INSERT INTO ${fold.into} (project, kind, bucket, shard, rank, ${sliceColumns(kindName).join(", ")})
${foldedSql(kindName, fold, where)}`;
}

/** The coarser rows that the finer ones of `where` make. */
export function foldedSql(kindName: SliceKindName, fold: Fold, where: string): string {
  const kind: SliceKind = sliceKinds[kindName];
  const dimensions = Object.keys(kind.dimensions);
  const columns = sliceColumns(kindName);
  return `SELECT project, '${kindName}' AS kind, start AS bucket, 0 AS shard,
  bitShiftLeft(min(code), ${rankCodeShift}) + sum(versions) AS rank,
  ${columns.map((column) => `groupArrayIf(fold_${column}, counted) AS ${column}`).join(",\n  ")}
FROM
(
  SELECT project, ${fold.start}(bucket) AS start, n > 0 AS counted,
    min(bitShiftRight(rank, ${rankCodeShift})) AS code,
    sumIf(bitAnd(rank, ${rankSumMask}), n <= 1) AS versions,
    ${dimensions.map((column) => `each_${column} AS fold_${column}`).join(", ")},
    ${Object.entries(kind.measures)
      .map(([column, measure]) =>
        measure.merge === "sum"
          ? `sum(each_${column}) AS fold_${column}`
          : `quantilesDDMergeStateIf(${sketchParameters})(each_${column}, n > 0) AS fold_${column}`,
      )
      .join(",\n    ")}
  FROM ${fold.from} FINAL
  LEFT ARRAY JOIN arrayEnumerate(calls) AS n, ${columns.map((column) => `${column} AS each_${column}`).join(", ")}
  WHERE kind = '${kindName}' AND (${where})
  GROUP BY project, start, counted, ${dimensions.map((column) => `fold_${column}`).join(", ")}
)
GROUP BY project, start`;
}

/**
 * The view of a kind over all grains: `SELECT … FROM spend(from = …, to = …, grain = 'hour')`. Half-open in time; takes
 * the coarsest rows up to the grain that lie whole in the range, and finer ones for what is open or at the edges, so that
 * totals do not depend on the grain.
 */
export function viewSql(kindName: SliceKindName): string {
  const kind: SliceKind = sliceKinds[kindName];
  const columns = [...Object.keys(kind.dimensions), ...Object.keys(kind.measures)];
  const select = (table: string, where: string) => `SELECT project, bucket AS time,
  ${columns.map((column) => `each_${column} AS ${column}`).join(", ")}
FROM ${table} FINAL
ARRAY JOIN ${columns.map((column) => `${column} AS each_${column}`).join(", ")}
WHERE kind = '${kindName}' AND ${where}`;
  const from = "{from:DateTime('UTC')}";
  const to = "{to:DateTime('UTC')}";
  const grain = "{grain:String}";
  const inside = ({ start, seconds }: Fold) =>
    `${start}(bucket) >= ${from} AND addSeconds(${start}(bucket), ${seconds}) <= ${to}`;
  const folded = (fold: Fold) =>
    `(${inside(fold)} AND (project, toDateTime(${fold.start}(bucket), 'UTC')) IN (SELECT project, bucket FROM ${fold.into} WHERE kind = '${kindName}' AND bucket >= ${from} AND bucket < ${to}))`;
  return `CREATE OR REPLACE VIEW ${kindName} AS
${select("rollup_day", `${grain} = 'day' AND ${inside(folds.day)}`)}
UNION ALL
${select("rollup_hour", `${grain} IN ('hour', 'day') AND ${inside(folds.hour)} AND NOT (${grain} = 'day' AND ${folded(folds.day)})`)}
UNION ALL
${select("rollup_minute", `bucket >= ${from} AND bucket < ${to} AND NOT (${grain} IN ('hour', 'day') AND ${folded(folds.hour)}) AND NOT (${grain} = 'day' AND ${folded(folds.day)})`)};
`;
}
