import { type Fold, folds } from "./slice-sql.ts";
import type { SliceKindName } from "./slices.ts";

/** The greatest length of time that one row may stand for. */
export type SliceGrain = "minute" | "hour" | "day";

const from = "toDateTime({from:UInt32}, 'UTC')";
const to = "toDateTime({to:UInt32}, 'UTC')";
/** Without it the key would be searched by functions of the bucket, which find no end. */
const inRange = `bucket >= ${from} AND bucket < ${to}`;

/**
 * The rows of a kind of one project, to be selected from: what the view of the kind gives, with the columns named and
 * `time`, and nothing else read or joined. For a query that knows its columns the view costs twenty times as much.
 * Bound to `project`, `from` and `to` (Unix s, whole minutes, half-open). All conditions are on the key, which every
 * version of a row shares, so they may go before FINAL: the arrays of finer rows that are folded are not read.
 */
export function sliceSource(kind: SliceKindName, columns: readonly string[], grain: SliceGrain): string {
  const select = (table: string, ...where: readonly string[]) => `SELECT bucket AS time${columns
    .map((column) => `, each_${column} AS ${column}`)
    .join("")}
FROM ${table} FINAL ARRAY JOIN ${["calls", ...columns.filter((column) => column !== "calls")]
    .map((column) => `${column} AS each_${column}`)
    .join(", ")}
PREWHERE project = {project:String} AND kind = '${kind}' AND ${[inRange, ...where].join(" AND ")}`;
  const folded = (fold: Fold) =>
    `(${inside(fold)} AND toDateTime(${fold.start}(bucket), 'UTC') IN (SELECT bucket FROM ${fold.into}
      WHERE project = {project:String} AND kind = '${kind}' AND ${inRange}))`;
  const days = select("rollup_day", inside(folds.day));
  const hours = select("rollup_hour", inside(folds.hour), ...(grain === "day" ? [`NOT ${folded(folds.day)}`] : []));
  const minutes = select(
    "rollup_minute",
    ...(grain === "minute" ? [] : [`NOT ${folded(folds.hour)}`]),
    ...(grain === "day" ? [`NOT ${folded(folds.day)}`] : []),
  );
  const parts = { minute: [minutes], hour: [hours, minutes], day: [days, hours, minutes] }[grain];
  return `(${parts.join("\nUNION ALL\n")})`;
}

/** Whether the hour or day that a finer bucket lies in is whole within the range. */
function inside({ start, seconds }: Fold): string {
  return `${start}(bucket) >= ${from} AND addSeconds(${start}(bucket), ${seconds}) <= ${to}`;
}
