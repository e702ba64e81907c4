import type { Dimension, Measure } from "@spanhouse/schemas/api/metrics";
import { readSliceCover, type SliceGrain } from "../slices/slice-cover.ts";
import { sliceSource } from "../slices/slice-source.ts";
import { isAdditive, measureSql } from "./metric-measures.ts";
import { sliceKindWith } from "./metrics.ts";
import type { ProjectReader } from "./project-reader.ts";

/** A measure of the query API, or the share of refusals that the provider told. */
export type WindowMeasure = Measure | "refusal_rate";

/** What is measured over windows of one length that end every so often. */
export interface WindowsQuestion<Signal = WindowMeasure> {
  readonly signal: Signal;
  readonly groupBy: readonly Dimension[];
  /** Of each dimension, the values any of which a call must have. */
  readonly filters: ReadonlyMap<Dimension, readonly string[]>;
  /** s, whole minutes. */
  readonly window: number;
  /** Ends of the first and the last window, Unix s, whole minutes; others lie `step` apart. */
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** Of a group in a window. One in which the group has nothing is not among the answer. */
export interface MetricWindow {
  /** Unix s; what ended then is in the next. */
  readonly end: number;
  /** A value for each dimension. */
  readonly key: readonly string[];
  /** null: a rate of nothing. Dollars, here alone, are a number: they are compared, never added up. */
  readonly value: number | null;
  /** Of how many calls; null where it is not of calls. */
  readonly calls: number | null;
}

/** The most groups that are looked at, those of the most calls. */
const mostGroups = 1000;

const refusalRate = {
  sql: "sumIf(s.calls, s.outcome IN ('refused', 'filtered')) / sum(s.calls)",
  needs: ["calls", "outcome"],
} as const;

const sqlOf = (signal: WindowMeasure): { readonly sql: string; readonly needs: readonly string[] } =>
  signal === "refusal_rate" ? refusalRate : measureSql[signal];

/** Whether two windows that adjoin sum to the one over both. */
export function isSum(signal: WindowMeasure): boolean {
  return signal !== "refusal_rate" && isAdditive(signal);
}

/** Whether it can be asked: some kind of slices has all of it. */
export function hasWindows({ signal, groupBy, filters }: Pick<WindowsQuestion, "signal" | "groupBy" | "filters">) {
  return sliceKindWith([...groupBy, ...filters.keys(), "calls", ...sqlOf(signal).needs]) !== undefined;
}

/**
 * All windows in one query: each slice lends itself to every window that it lies in, so that rates and quantiles are
 * those of the window. By end, then by calls.
 */
export async function readMetricWindows(
  reader: ProjectReader,
  { signal, groupBy, filters, window, first, last, step }: WindowsQuestion,
): Promise<readonly MetricWindow[]> {
  const { sql, needs } = sqlOf(signal);
  const columns = [
    ...new Set([...groupBy, ...filters.keys(), "calls", ...needs.filter((one) => sql.includes(`s.${one}`))]),
  ];
  const kind = sliceKindWith([...columns, ...needs]);
  if (kind === undefined) throw new Error(`no slices have ${columns.join(", ")} together`);
  const single = first === last;
  const hourly = [window, step, first].every((seconds) => seconds % 3600 === 0);
  const grain: SliceGrain = single ? "day" : hourly ? "hour" : "minute";
  const seconds = { minute: 60, hour: 3600, day: 0 }[grain];
  const at = "toInt64(toUnixTimestamp(s.time))";
  const nth = single
    ? "0"
    : `arrayJoin(range(
        toUInt32(greatest(0, intDiv(${at} + ${seconds} - {first:Int64} + {step:Int64} - 1, {step:Int64}))),
        toUInt32(greatest(0, 1 + least({steps:Int64}, intDiv(${at} + {window:Int64} - {first:Int64}, {step:Int64}))))))`;
  const keys = groupBy.map((dimension) => `toString(s.${dimension})`);
  const conditions = [...filters.keys()].map(
    (dimension) => `toString(s.${dimension}) IN {filter_${dimension}:Array(String)}`,
  );
  const cover = await readSliceCover(reader, kind, { from: first - window, to: last }, grain);
  const rows = await reader.queryRows<readonly [number | string, ...(string | number | null)[]]>(
    `SELECT ${[`${nth} AS nth`, ...keys, `toFloat64(${sql})`, "sum(s.calls) AS all_calls"].join(", ")}
     FROM ${sliceSource(kind, columns, cover)} AS s WHERE ${conditions.length === 0 ? "true" : conditions.join(" AND ")}
     GROUP BY ${["nth", ...keys].join(", ")} ORDER BY nth, all_calls DESC LIMIT ${mostGroups} BY nth`,
    {
      ...{ first, window, step, steps: Math.floor((last - first) / step) },
      ...Object.fromEntries([...filters].map(([dimension, wanted]) => [`filter_${dimension}`, wanted])),
    },
  );
  return rows.map(([index, ...row]) => ({
    end: first + Number(index) * step,
    key: row.slice(0, groupBy.length).map(String),
    value: numberOrNull(row[groupBy.length]),
    calls: Number(row[groupBy.length + 1]),
  }));
}

function numberOrNull(value: string | number | null | undefined): number | null {
  return value === null || value === undefined || value === "" ? null : Number(value);
}
