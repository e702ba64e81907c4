import type { spanTriesSchema } from "@spanhouse/schemas/api/spans";
import type { z } from "zod";
import type { ProjectReader } from "./project-reader.ts";
import { boundTraceIds, inSpansOf, standingFirst } from "./trace-keys.ts";

export type SpanTry = Omit<z.infer<typeof spanTriesSchema>["tries"][number], "wait_us">;

type Row = Omit<SpanTry, "duration_us"> & { readonly duration_us: string };

/** Calls beside a span: of the same parent, operation and requested model; by start. Empty where there is no such span. */
export async function readCallsBeside(
  reader: ProjectReader,
  traceId: string,
  spanId: string,
): Promise<readonly SpanTry[]> {
  const rows = await reader.query<Row>(
    `SELECT lower(hex(span_id)) AS span_id, attempt, start_time, end_time, duration_us, outcome, error_class, error_type FROM
     (
       SELECT *, anyIf((parent_span_id, operation, request_model), span_id = unhex({span_id:String})) OVER () AS own FROM
       (
         SELECT span_id, parent_span_id, operation, request_model, attempt, start_time, end_time, duration_us, outcome,
           error_class, error_type
         FROM spans FINAL WHERE ${inSpansOf(boundTraceIds)} AND role = 'model'
         ORDER BY span_id, ${standingFirst} LIMIT 1 BY span_id
       )
     ) AS calls
     WHERE (parent_span_id, operation, request_model) = own
     ORDER BY start_time, span_id`,
    { trace_ids: [traceId], span_id: spanId },
  );
  return rows.map((row) => ({ ...row, duration_us: Number(row.duration_us) }));
}
