import type { ProjectReader } from "./project-reader.ts";
import { boundTraceIds, hexOrEmpty, inSpansOf } from "./trace-keys.ts";

/** A span that was announced and has not ended. */
export interface AnnouncedSpan {
  readonly trace_id: string;
  readonly span_id: string;
  /** Empty for a root. */
  readonly parent_span_id: string;
  readonly start_time: string;
  /** Unix ns, decimal. */
  readonly start_nano: string;
  readonly name: string;
  readonly role: string;
  readonly operation: string;
  readonly request_model: string;
  readonly service: string;
  readonly user_id: string;
  readonly conversation_id: string;
}

/** Whatever was announced in these traces and has no row in `spans`; earliest first. */
export async function readAnnouncedSpans(
  reader: ProjectReader,
  traceIds: readonly string[],
): Promise<readonly AnnouncedSpan[]> {
  if (traceIds.length === 0) return [];
  const announced = await reader.query<AnnouncedSpan>(
    `SELECT lower(hex(o.trace_id)) AS trace_id, lower(hex(o.span_id)) AS span_id,
       ${hexOrEmpty("o.parent_span_id")} AS parent_span_id,
       start_time, toUnixTimestamp64Nano(start_time) AS start_nano, name, role, operation, request_model, service, user_id, conversation_id
     FROM open_spans AS o FINAL
     PREWHERE project = {project:String} AND o.trace_id IN ${boundTraceIds}
     ORDER BY o.start_time, o.span_id`,
    { trace_ids: traceIds },
  );
  // Most traces announce nothing: what has ended is asked for only of those that do.
  if (announced.length === 0) return [];
  const ended = await reader.queryRows<readonly [string]>(
    `SELECT DISTINCT lower(hex(concat(trace_id, span_id))) FROM spans WHERE ${inSpansOf(boundTraceIds)}
       AND span_id IN (SELECT toFixedString(unhex(arrayJoin({span_ids:Array(String)})), 8))`,
    {
      trace_ids: [...new Set(announced.map(({ trace_id }) => trace_id))],
      span_ids: announced.map(({ span_id }) => span_id),
    },
  );
  const gone = new Set(ended.map(([id]) => id));
  return announced.filter(({ trace_id, span_id }) => !gone.has(trace_id + span_id));
}
