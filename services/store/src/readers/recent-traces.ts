import type { ProjectReader } from "./project-reader.ts";
import { type TraceFilters, traceConditions } from "./trace-filters.ts";

/** A trace as it stands: `rank` rises with everything that changes it. */
export interface TraceStanding {
  readonly traceId: string;
  readonly rank: string;
}

/** Traces that last ended since `first` (Unix s), those that ended last first; at most `limit`. */
export async function readRecentTraces(
  reader: ProjectReader,
  filters: TraceFilters,
  first: number,
  limit: number,
): Promise<readonly TraceStanding[]> {
  // Clocks of other machines may be ahead.
  const { where, params } = traceConditions(filters, { first, end: first + 3600 });
  const rows = await reader.queryRows<[string, string]>(
    `SELECT lower(hex(trace_id)), toString(rank) FROM traces FINAL
     WHERE ${["project = {project:String} AND live", "bucket >= toDateTime({first:UInt32}, 'UTC')", "bucket < toDateTime({end:UInt32}, 'UTC')", ...where].join(" AND ")}
     ORDER BY end_time DESC LIMIT {limit:UInt32}`,
    { ...params, limit },
  );
  return rows.map(([traceId, rank]) => ({ traceId, rank }));
}
