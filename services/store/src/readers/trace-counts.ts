import type { TraceFacet } from "@spanhouse/schemas/api/trace-filters";
import type { ProjectReader } from "./project-reader.ts";
import { facetColumns, type TraceFilters, traceConditions } from "./trace-filters.ts";
import { ceilMinute, decimalSeconds, endConditions, floorMinute, type TraceQuestion } from "./trace-listing.ts";

/** The rows of the traces that pass, to be selected from, and what they are bound to. */
export function traceSource({ filters, from, to }: TraceQuestion) {
  const { where, params } = traceConditions(filters, { first: floorMinute(from), end: ceilMinute(to) });
  const conditions = [
    "project = {project:String} AND live",
    "bucket >= toDateTime({first:UInt32}, 'UTC') AND bucket < toDateTime({end:UInt32}, 'UTC')",
    ...endConditions({ filters, from, to }),
    ...where,
  ];
  return {
    sql: `traces FINAL WHERE ${conditions.join(" AND ")}`,
    params: { ...params, from: decimalSeconds(from), to: decimalSeconds(to) },
  };
}

/** How many traces there are, at most `bound`: that many means at least so many. */
export async function countTraces(reader: ProjectReader, question: TraceQuestion, bound: number): Promise<number> {
  const { sql, params } = traceSource(question);
  const [row] = await reader.queryRows<[string]>(`SELECT count() FROM (SELECT 1 FROM ${sql} LIMIT {bound:UInt32})`, {
    ...params,
    bound,
  });
  return Number(row![0]);
}

export interface FacetValues {
  readonly values: readonly { readonly value: string; readonly traces: number }[];
  readonly truncated: boolean;
}

/** The values that most traces have, by all filters but the facet's own: what else it could be set to. */
export async function readFacet(
  reader: ProjectReader,
  question: TraceQuestion,
  facet: TraceFacet,
  containing: string | undefined,
  limit: number,
): Promise<FacetValues> {
  const others: TraceFilters = { ...question.filters, [facet]: undefined };
  const { sql, params } = traceSource({ ...question, filters: others });
  const { column, several } = facetColumns[facet];
  const rows = await reader.queryRows<[string, string]>(
    `SELECT ${several ? `arrayJoin(${column})` : column} AS one, count() AS traces FROM ${sql}
     GROUP BY one HAVING one != '' ${containing === undefined ? "" : "AND positionCaseInsensitiveUTF8(one, {containing:String}) > 0"}
     ORDER BY traces DESC, one LIMIT {limit:UInt32}`,
    { ...params, containing, limit: limit + 1 },
  );
  return {
    values: rows.slice(0, limit).map(([value, traces]) => ({ value, traces: Number(traces) })),
    truncated: rows.length > limit,
  };
}

export interface TraceHistogramBar {
  readonly time: string;
  readonly traces: number;
  readonly errors: number;
  readonly refusals: number;
  readonly cost: string;
}

/** Traces by the time they last ended, in steps of whole minutes; a step without traces has no bar. */
export async function readTraceHistogram(
  reader: ProjectReader,
  question: TraceQuestion,
  stepMinutes: number,
): Promise<readonly TraceHistogramBar[]> {
  const { sql, params } = traceSource(question);
  const rows = await reader.queryRows<[string, string, string, string, string]>(
    `SELECT toStartOfInterval(bucket, toIntervalMinute({step:UInt32})) AS time, count(), countIf(errors > 0), countIf(refusals > 0), sum(cost)
     FROM ${sql} GROUP BY time ORDER BY time`,
    { ...params, step: stepMinutes },
  );
  return rows.map(([time, traces, errors, refusals, cost]) => ({
    ...{ time, cost },
    traces: Number(traces),
    errors: Number(errors),
    refusals: Number(refusals),
  }));
}
