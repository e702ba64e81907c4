import type { ProjectReader } from "./project-reader.ts";
import { traceConditions } from "./trace-filters.ts";
import { ceilMinute, decimalSeconds, endConditions, floorMinute, type TraceQuestion } from "./trace-listing.ts";
import { readTraces, type TraceRow } from "./traces.ts";

/** What traces are ranked by, besides time: as `traces` has it, and as the spans up to a time sum to it. */
export const traceMeasures = {
  cost: { column: "cost", type: "Decimal(38, 12)", ofSpans: "sumIf(cost, NOT void AND NOT aggregate)" },
  duration: {
    column: "duration_us",
    type: "UInt64",
    ofSpans: "toUInt64(intDiv(toUnixTimestamp64Nano(max(end_time)) - toUnixTimestamp64Nano(min(start_time)), 1000))",
  },
  tokens: {
    column: "input_tokens + output_tokens",
    type: "UInt64",
    ofSpans: "sumIf(input_tokens + output_tokens, usage_state = 'exact' AND NOT void AND NOT aggregate)",
  },
} as const;
export type TraceMeasure = keyof typeof traceMeasures;

/** A place in the ranking: what the trace measured when the list was begun, decimal, and its id. Both fall. */
export interface RankedPlace {
  readonly value: string;
  readonly traceId: string;
}

export interface RankedTrace {
  readonly trace: TraceRow;
  readonly place: RankedPlace;
}

export interface TraceRankingQuestion extends TraceQuestion {
  readonly measure: TraceMeasure;
  /** The place of the last trace shown, and the minute in which the first page was read, Unix s. */
  readonly position: { readonly after: RankedPlace; readonly started: number } | undefined;
  readonly limit: number;
}

/**
 * A page of the greatest first. A trace that was in the list when it was begun and has gone on past its end since keeps
 * its place: it is ranked by the spans that ended before. (Late spans, and those of the minute in which the list was
 * begun, may lift a trace past a page already read.)
 */
export async function rankTraces(reader: ProjectReader, question: TraceRankingQuestion): Promise<RankedTrace[]> {
  const { filters, from, to, measure, position, limit } = question;
  const { where, params } = traceConditions(filters, { first: floorMinute(from), end: ceilMinute(to) });
  const bound = {
    ...params,
    ...{ from: decimalSeconds(from), to: decimalSeconds(to), limit, started: position?.started },
    ...{ after_value: position?.after.value, after_trace: position?.after.traceId },
  };
  const { column, type } = traceMeasures[measure];
  const after =
    position === undefined
      ? []
      : [`(value, trace_id) < ({after_value:${type}}, toFixedString(unhex({after_trace:String}), 16))`];
  const settled = [...inRange, ...endConditions(question), ...where, ...after].join(" AND ");
  const read = (source: string) =>
    reader.queryRows<[string, string]>(`${source} ORDER BY value DESC, trace_id DESC LIMIT {limit:UInt32}`, bound);
  const [still, moved] = await Promise.all([
    read(`SELECT toString(${column} AS value), lower(hex(trace_id)) FROM traces FINAL WHERE ${settled}`),
    position === undefined ? [] : read(movedSql(measure, where, after)),
  ]);
  const places = new Map<string, RankedPlace>();
  for (const [value, traceId] of [...still, ...moved]) places.set(traceId, { value, traceId });
  const kept = [...places.values()].sort(byPlace(measure)).slice(0, limit);
  const rows = await readTraces(
    reader,
    kept.map(({ traceId }) => traceId),
  );
  return kept.flatMap((place) => {
    const trace = rows.get(place.traceId);
    return trace ? [{ trace, place }] : [];
  });
}

const inRange = [
  "project = {project:String} AND live",
  "bucket >= toDateTime({first:UInt32}, 'UTC') AND bucket < toDateTime({end:UInt32}, 'UTC')",
];

/** Traces that went on after the list was begun and have a tombstone within its range, by their spans up to its end. */
function movedSql(measure: TraceMeasure, where: readonly string[], after: readonly string[]): string {
  const { ofSpans } = traceMeasures[measure];
  const movedOn = ["project = {project:String} AND live", "bucket >= toDateTime({end:UInt32}, 'UTC')"];
  const gone = `SELECT trace_id FROM traces FINAL WHERE ${[
    ...movedOn,
    "bucket >= toDateTime({started:UInt32}, 'UTC')",
    ...where,
  ].join(" AND ")} AND trace_id IN (SELECT trace_id FROM traces FINAL WHERE project = {project:String} AND NOT live
    AND bucket >= toDateTime({first:UInt32}, 'UTC') AND bucket < toDateTime({end:UInt32}, 'UTC'))`;
  return `SELECT toString(value), lower(hex(trace_id)) FROM
  (
    SELECT trace_id, ${ofSpans} AS value FROM spans FINAL
    WHERE project = {project:String} AND bucket < toDateTime({end:UInt32}, 'UTC') AND (bucket, trace_id) IN (
      SELECT bucket, trace_id FROM trace_buckets WHERE project = {project:String} AND trace_id IN (${gone}))
    GROUP BY trace_id
  )
  ${after.length === 0 ? "" : `WHERE ${after.join(" AND ")}`}`;
}

/** Decimals and counts alike are compared as they are: digits, then places of the same number. */
function byPlace(measure: TraceMeasure): (a: RankedPlace, b: RankedPlace) => number {
  const digits = ({ value }: RankedPlace) => {
    const [whole = "0", fraction = ""] = value.split(".");
    return BigInt(whole + (measure === "cost" ? fraction.padEnd(12, "0") : ""));
  };
  return (a, b) => {
    const [left, right] = [digits(a), digits(b)];
    if (left !== right) return left > right ? -1 : 1;
    return a.traceId > b.traceId ? -1 : 1;
  };
}
