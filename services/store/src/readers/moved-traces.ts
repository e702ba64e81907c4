import type { ProjectReader } from "./project-reader.ts";
import { traceConditions } from "./trace-filters.ts";
import {
  ceilMinute,
  floorMinute,
  type TraceListPosition,
  type TraceListQuestion,
  type TracePlace,
} from "./trace-listing.ts";

/**
 * Traces whose place was down to `since` and after the position when the list was begun, and that have gone on past its
 * newest place since. Where a trace was, a tombstone lies; its place then was the greatest of its buckets that is not
 * past the newest.
 */
export async function readMovedTraces(
  reader: ProjectReader,
  { filters, from, to, limit }: TraceListQuestion,
  { after, newest, started }: TraceListPosition,
  since: number,
): Promise<readonly TracePlace[]> {
  const { where, params } = traceConditions(filters, { first: floorMinute(from), end: ceilMinute(to) });
  const movedOn = `project = {project:String} AND live AND bucket > toDateTime({newest:UInt32}, 'UTC')
    AND (bucket < toDateTime({to:UInt32}, 'UTC') OR bucket >= toDateTime({started:UInt32}, 'UTC'))`;
  const rows = await reader.queryRows<[number, string]>(
    `SELECT toUnixTimestamp(place), lower(hex(trace_id)) FROM traces FINAL INNER JOIN
     (
       SELECT trace_id AS moved_id, max(bucket) AS place FROM trace_buckets
       WHERE project = {project:String} AND bucket <= toDateTime({newest:UInt32}, 'UTC') AND trace_id IN
       (
         SELECT trace_id FROM traces FINAL
         WHERE project = {project:String} AND NOT live AND bucket >= toDateTime({since:UInt32}, 'UTC')
           AND bucket <= toDateTime({after_bucket:UInt32}, 'UTC')
           AND trace_id IN (SELECT trace_id FROM traces FINAL WHERE ${movedOn})
       )
       GROUP BY trace_id
     ) AS moved ON moved.moved_id = traces.trace_id
     WHERE ${[movedOn, ...where].join(" AND ")}
       AND place >= toDateTime({since:UInt32}, 'UTC')
       AND (place, trace_id) < (toDateTime({after_bucket:UInt32}, 'UTC'), toFixedString(unhex({after_trace:String}), 16))
     ORDER BY place DESC, trace_id DESC LIMIT {limit:UInt32}`,
    {
      ...params,
      ...{ newest, started, since, limit },
      to: floorMinute(to),
      after_bucket: after.bucket,
      after_trace: after.traceId,
    },
  );
  return rows.map(([bucket, traceId]) => ({ bucket, traceId }));
}
