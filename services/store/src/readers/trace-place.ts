import { laneOf } from "@spanhouse/schemas/lane";
import type { ProjectReader } from "./project-reader.ts";

/** Where the rows of one trace lie: parameters that `atPlace` and `atSummaryPlace` are bound to. */
export interface TracePlace {
  /** Hex. */
  readonly trace_id: string;
  readonly lane: number;
  /** The minutes in which spans of it ended, Unix s. Minutes are only ever added. */
  readonly buckets: readonly number[];
}

const traceId = "toFixedString(unhex({trace_id:String}), 16)";

/**
 * Asked by itself and once: as a subquery of every statement that reads the trace it would cost more than those read.
 * Undefined: no span of the trace has ended.
 */
export async function findTrace(reader: ProjectReader, id: string): Promise<TracePlace | undefined> {
  const rows = await reader.queryRows<readonly [number]>(
    `SELECT DISTINCT toUnixTimestamp(bucket) FROM trace_buckets
     PREWHERE project = {project:String} AND trace_id = ${traceId} SETTINGS max_threads = 1`,
    { trace_id: id },
  );
  return rows.length === 0 ? undefined : { trace_id: id, lane: laneOf(id), buckets: rows.map(([bucket]) => bucket) };
}

const inMinutes = "project = {project:String} AND bucket IN {buckets:Array(UInt32)}";

/** The summary of the trace, in `traces`. */
export const atSummaryPlace = `${inMinutes} AND trace_id = ${traceId}`;

/** Rows of the trace in `spans` and `span_payloads`. On the key alone, so it may go before FINAL. */
export const atPlace = `${inMinutes} AND lane = {lane:UInt8} AND trace_id = ${traceId}`;
