import { readMovedTraces } from "./moved-traces.ts";
import type { ProjectReader } from "./project-reader.ts";
import { traceConditions } from "./trace-filters.ts";
import {
  floorMinute,
  type ListedTrace,
  minuteNanos,
  secondNanos,
  type TraceListQuestion,
  type TracePlace,
} from "./trace-listing.ts";
import { type TraceColumns, traceColumns, traceRowOf } from "./traces.ts";

/** Minutes that the first look back takes in, and how much further each next one goes. */
const firstMinutes = 4;
const growth = 8;

/**
 * A page in the order of the key backwards. New traces come before the first page; one that was in the list when it was
 * begun and has gone on since is shown at its old place. (Only a trace that late spans move to a minute already passed,
 * and no further, is missed until the list is begun again.)
 */
export async function listTraces(reader: ProjectReader, question: TraceListQuestion): Promise<ListedTrace[]> {
  const { position, limit } = question;
  const settled = await listSettled(reader, question);
  if (position === undefined) return settled;
  const since = settled.length === limit ? settled.at(-1)!.place.bucket : floorMinute(question.from);
  const moved = await readMovedTraces(reader, question, position, since);
  if (moved.length === 0) return settled;
  return [...settled, ...moved].sort((a, b) => (isBefore(a.place, b.place) ? -1 : 1)).slice(0, limit);
}

function isBefore(a: TracePlace, b: TracePlace): boolean {
  return a.bucket > b.bucket || (a.bucket === b.bucket && a.traceId > b.traceId);
}

/**
 * FINAL can't read a key backwards, so this looks at stretches of time, the newest first and each longer than the one
 * before: what lies behind a full page is not read.
 */
async function listSettled(reader: ProjectReader, question: TraceListQuestion): Promise<ListedTrace[]> {
  const { filters, from, to, position, limit } = question;
  const first = floorMinute(from);
  const listed: ListedTrace[] = [];
  let until = Math.min(ceilMinute(to), position === undefined ? Number.POSITIVE_INFINITY : position.after.bucket + 60);
  for (let minutes = firstMinutes; until > first && listed.length < limit; minutes *= growth) {
    const since = Math.max(first, until - minutes * 60);
    const rows = await reader.query<TraceColumns & { minute: number }>(
      `SELECT toUnixTimestamp(bucket) AS minute, ${traceColumns} FROM traces FINAL WHERE ${where(question)}
       ORDER BY bucket DESC, trace_id DESC LIMIT {limit:UInt32}`,
      {
        ...filters,
        since,
        until,
        from: decimalSeconds(from),
        to: decimalSeconds(to),
        after_bucket: position?.after.bucket,
        after_trace: position?.after.traceId,
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

function where({ filters, from, to, position }: TraceListQuestion): string {
  return [
    "project = {project:String} AND live",
    "bucket >= toDateTime({since:UInt32}, 'UTC') AND bucket < toDateTime({until:UInt32}, 'UTC')",
    // The bucket says the minute; only what is finer needs the time itself, which a quarantined trace's would fail.
    ...(from % minuteNanos === 0n ? [] : ["end_time >= toDateTime64({from:String}, 9, 'UTC')"]),
    ...(to % minuteNanos === 0n ? [] : ["end_time < toDateTime64({to:String}, 9, 'UTC')"]),
    ...(position === undefined
      ? []
      : [
          "(bucket, trace_id) < (toDateTime({after_bucket:UInt32}, 'UTC'), toFixedString(unhex({after_trace:String}), 16))",
        ]),
    ...traceConditions(filters),
  ].join(" AND ");
}

function ceilMinute(time: bigint): number {
  return Number((time + minuteNanos - 1n) / minuteNanos) * 60;
}

/** As `toDateTime64` reads it. */
function decimalSeconds(time: bigint): string {
  return `${time / secondNanos}.${(time % secondNanos).toString().padStart(9, "0")}`;
}
