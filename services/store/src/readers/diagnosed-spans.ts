import type { ProjectReader } from "./project-reader.ts";
import { boundTraceIds, inSpansOf, standingFirst } from "./trace-keys.ts";

/** The spans of a trace that a diagnosis looks at: calls, tools and retrievals that count, by start. */
export interface SpansToDiagnose {
  readonly total: number;
  /** The first of them. */
  readonly spanIds: readonly string[];
}

export async function readSpansToDiagnose(
  reader: ProjectReader,
  traceId: string,
  limit: number,
): Promise<SpansToDiagnose> {
  const rows = await reader.queryRows<[spanId: string, total: string]>(
    `SELECT span_id, count() OVER () FROM (
       SELECT lower(hex(span_id)) AS span_id, start_time FROM spans FINAL
       WHERE ${inSpansOf(boundTraceIds)} AND (role IN ('model', 'tool', 'retrieval')) AND NOT void AND NOT aggregate
       ORDER BY span_id, ${standingFirst} LIMIT 1 BY span_id)
     ORDER BY start_time, span_id LIMIT {limit:UInt32}`,
    { trace_ids: [traceId], limit },
  );
  return { total: Number(rows[0]?.[1] ?? 0), spanIds: rows.map(([spanId]) => spanId) };
}
