import type { SliceCover, SliceGrain, Stretch } from "./slice-cover.ts";
import type { SliceKindName } from "./slices.ts";

const tables: Readonly<Record<SliceGrain, string>> = {
  day: "rollup_day",
  hour: "rollup_hour",
  minute: "rollup_minute",
};

/**
 * The rows of a kind of one project, to be selected from: what the view of the kind gives, with the columns named and
 * `time`, and nothing else read or joined. For a query that knows its columns the view costs twenty times as much.
 * Bound to `project`. All conditions are on the key, which every version of a row shares, so they may go before FINAL: of
 * finer rows that are folded not even the keys are read.
 */
export function sliceSource(kind: SliceKindName, columns: readonly string[], cover: SliceCover): string {
  const select = (grain: SliceGrain, stretches: readonly Stretch[]) => `SELECT bucket AS time${columns
    .map((column) => `, each_${column} AS ${column}`)
    .join("")}
FROM ${tables[grain]} FINAL ARRAY JOIN ${["calls", ...columns.filter((column) => column !== "calls")]
    .map((column) => `${column} AS each_${column}`)
    .join(", ")}
PREWHERE project = {project:String} AND kind = '${kind}' AND (${stretches.map(within).join(" OR ") || "false"})`;
  const parts = (["day", "hour", "minute"] as const).filter((grain) => cover[grain].length > 0);
  return `(${(parts.length === 0 ? (["minute"] as const) : parts)
    .map((grain) => select(grain, cover[grain]))
    .join("\nUNION ALL\n")})`;
}

const time = (seconds: number) => `toDateTime(${seconds}, 'UTC')`;

function within({ from, to }: Stretch): string {
  return `bucket >= ${time(from)} AND bucket < ${time(to)}`;
}
