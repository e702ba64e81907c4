import type { ProjectReader } from "./project-reader.ts";
import { type TraceColumns, type TraceRow, traceColumns, traceRowOf } from "./traces.ts";

/** Each that is given must hold. */
export interface TraceFilters {
  readonly user?: string | undefined;
  readonly conversation?: string | undefined;
  readonly model?: string | undefined;
  readonly outcome?: string | undefined;
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
  readonly name?: string | undefined;
}

const conditions: Readonly<Record<keyof TraceFilters, string>> = {
  user: "user_id = {user:String}",
  conversation: "conversation_id = {conversation:String}",
  model: "(has(request_models, {model:String}) OR has(response_models, {model:String}))",
  outcome: "has(outcomes, {outcome:String})",
  service: "has(services, {service:String})",
  environment: "has(environments, {environment:String})",
  name: "name = {name:String}",
};

/** A place in the list: the minute in which a trace last ended (Unix s), and its id. Later minutes come first. */
export interface TracePlace {
  readonly bucket: number;
  readonly traceId: string;
}

/** A range of the last end, [from, to), Unix ns. */
export interface TimeRange {
  readonly from: bigint;
  readonly to: bigint;
}

export interface ListedTrace {
  readonly trace: TraceRow;
  readonly place: TracePlace;
}

const secondNanos = 1_000_000_000n;
const minuteNanos = 60n * secondNanos;

/** Minutes that the first look back takes in, and how much further each next one goes. */
const firstMinutes = 4;
const growth = 8;

/**
 * Up to `limit` traces after `after`, in the order of the key backwards. FINAL can't read a key backwards, so it looks
 * at stretches of time, the newest first and each longer than the one before: what lies behind a full page is not read.
 */
export async function listTraces(
  reader: ProjectReader,
  filters: TraceFilters,
  range: TimeRange,
  after: TracePlace | undefined,
  limit: number,
): Promise<ListedTrace[]> {
  const first = floorMinute(range.from);
  const listed: ListedTrace[] = [];
  let until = after === undefined ? ceilMinute(range.to) : Math.min(ceilMinute(range.to), after.bucket + 60);
  for (let minutes = firstMinutes; until > first && listed.length < limit; minutes *= growth) {
    const since = Math.max(first, until - minutes * 60);
    const rows = await reader.query<TraceColumns & { minute: number }>(
      `SELECT toUnixTimestamp(bucket) AS minute, ${traceColumns} FROM traces FINAL WHERE ${where(filters, range, after)}
       ORDER BY bucket DESC, trace_id DESC LIMIT {limit:UInt32}`,
      {
        ...filters,
        since,
        until,
        from: decimalSeconds(range.from),
        to: decimalSeconds(range.to),
        after_bucket: after?.bucket,
        after_trace: after?.traceId,
        limit: limit - listed.length,
      },
    );
    for (const { minute, ...columns } of rows) {
      listed.push({ trace: traceRowOf(columns), place: { bucket: minute, traceId: columns.id } });
    }
    until = since;
  }
  return listed;
}

function where(filters: TraceFilters, range: TimeRange, after: TracePlace | undefined): string {
  const wanted = (Object.keys(conditions) as (keyof TraceFilters)[]).filter((name) => filters[name] !== undefined);
  return [
    "project = {project:String}",
    "bucket >= toDateTime({since:UInt32}, 'UTC') AND bucket < toDateTime({until:UInt32}, 'UTC')",
    "live",
    // The bucket says the minute; only what is finer needs the time itself, which a quarantined trace's would fail.
    ...(range.from % minuteNanos === 0n ? [] : ["end_time >= toDateTime64({from:String}, 9, 'UTC')"]),
    ...(range.to % minuteNanos === 0n ? [] : ["end_time < toDateTime64({to:String}, 9, 'UTC')"]),
    ...(after === undefined
      ? []
      : [
          "(bucket, trace_id) < (toDateTime({after_bucket:UInt32}, 'UTC'), toFixedString(unhex({after_trace:String}), 16))",
        ]),
    ...wanted.map((name) => conditions[name]),
  ].join(" AND ");
}

function floorMinute(time: bigint): number {
  return Number(time / minuteNanos) * 60;
}

function ceilMinute(time: bigint): number {
  return Number((time + minuteNanos - 1n) / minuteNanos) * 60;
}

/** As `toDateTime64` reads it. */
function decimalSeconds(time: bigint): string {
  return `${time / secondNanos}.${(time % secondNanos).toString().padStart(9, "0")}`;
}
