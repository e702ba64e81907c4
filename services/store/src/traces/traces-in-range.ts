import type { ClickHouse } from "../clickhouse.ts";
import type { CheckedRange } from "../slices/slice-check.ts";
import { rangeCondition } from "../slices/slice-check.ts";
import type { SliceKey } from "../slices/slices.ts";
import type { TraceKey } from "./trace-key.ts";

/** Part of a range, whole hours of it. */
export interface Stretch extends CheckedRange {
  /** Stored rows, those that merges will drop included. */
  readonly rows: number;
  /** How much of the range is done with it and those before, by rows: up to 1. */
  readonly share: number;
}

/** A stretch ends with the hour in which it has this many rows: what is held in memory for one stays bounded. */
const rowsPerStretch = 200_000;

/** The range in pieces, oldest first: what long work goes through one by one. */
export async function stretchesOf(clickhouse: ClickHouse, range: CheckedRange): Promise<readonly Stretch[]> {
  const hours = await clickhouse.query<{ hour: number; rows: string }>(
    `SELECT toUInt32(intDiv(toUnixTimestamp(bucket), 3600) * 60) AS hour, count() AS rows FROM spans
     WHERE ${rangeCondition(range)} GROUP BY hour ORDER BY hour`,
  );
  const stretches: Omit<Stretch, "share">[] = [];
  for (const { hour, rows } of hours) {
    const last = stretches.at(-1);
    const to = Math.min(hour + 60, range.to);
    if (last && last.rows < rowsPerStretch) {
      stretches[stretches.length - 1] = { ...last, to, rows: last.rows + Number(rows) };
    } else {
      stretches.push({ ...range, from: Math.max(hour, range.from), to, rows: Number(rows) });
    }
  }
  const all = stretches.reduce((sum, { rows }) => sum + rows, 0);
  let done = 0;
  return stretches.map((stretch) => {
    done += stretch.rows;
    return { ...stretch, share: done / all };
  });
}

/** The traces that have a span in the range. */
export async function tracesInRange(clickhouse: ClickHouse, range: CheckedRange): Promise<readonly TraceKey[]> {
  return clickhouse.query<TraceKey>(
    `SELECT DISTINCT project, lower(hex(trace_id)) AS traceId FROM spans WHERE ${rangeCondition(range)}`,
  );
}

/** Writes down that `writer` (a UInt64) works on every trace of the range: whoever knows one of them by heart reads it again. */
export async function announceWriter(clickhouse: ClickHouse, range: CheckedRange, writer: bigint): Promise<void> {
  await clickhouse.command(
    `INSERT INTO trace_buckets (project, trace_id, bucket, writer)
     SELECT DISTINCT project, trace_id, bucket, ${writer} FROM spans WHERE ${rangeCondition(range)}`,
  );
}

/** The slices that have a span in the range. */
export async function slicesInRange(clickhouse: ClickHouse, range: CheckedRange): Promise<readonly SliceKey[]> {
  return clickhouse.query<SliceKey>(
    `SELECT DISTINCT project, toUInt32(intDiv(toUnixTimestamp(bucket), 60)) AS bucket, lane FROM spans
     WHERE ${rangeCondition(range)}`,
  );
}

/** Traces with a span in the range at a minute that `trace_buckets` does not name: such a span is found by nobody. */
export async function tracesNotFoundByKey(clickhouse: ClickHouse, range: CheckedRange): Promise<readonly TraceKey[]> {
  return clickhouse.query<TraceKey>(
    `SELECT DISTINCT project, lower(hex(trace_id)) AS traceId FROM spans
     WHERE ${rangeCondition(range)} AND (project, trace_id, bucket) NOT IN
       (SELECT project, trace_id, bucket FROM trace_buckets WHERE ${rangeCondition(range)})`,
  );
}
