import { readMovedTraces } from "./moved-traces.ts";
import type { ProjectReader } from "./project-reader.ts";
import { traceConditions } from "./trace-filters.ts";
import {
  ceilMinute,
  decimalSeconds,
  endConditions,
  floorMinute,
  type ListedTrace,
  type TraceListQuestion,
  type TracePlace,
} from "./trace-listing.ts";
import { readTraces } from "./traces.ts";

/** Minutes that the first look back takes in: more where few traces will pass; and how much further each next one goes. */
const firstMinutes = { any: 4, some: 256 } as const;
const growth = 8;

/**
 * A page in the order of the key backwards. New traces come before the first page; one that was in the list when it was
 * begun and has gone on since is shown at its old place. (Only a trace that late spans move to a minute already passed,
 * and no further, is missed until the list is begun again.)
 */
export async function listTraces(reader: ProjectReader, question: TraceListQuestion): Promise<ListedTrace[]> {
  const places = await listPlaces(reader, question);
  const rows = await readTraces(
    reader,
    places.map(({ traceId }) => traceId),
  );
  return places.flatMap((place) => {
    const trace = rows.get(place.traceId);
    return trace ? [{ trace, place }] : [];
  });
}

async function listPlaces(reader: ProjectReader, question: TraceListQuestion): Promise<readonly TracePlace[]> {
  const { position, limit } = question;
  const settled = await listSettled(reader, question);
  if (position === undefined) return settled;
  const since = settled.length === limit ? settled.at(-1)!.bucket : floorMinute(question.from);
  const moved = await readMovedTraces(reader, question, position, since);
  if (moved.length === 0) return settled;
  return [...settled, ...moved].sort((a, b) => (isBefore(a, b) ? -1 : 1)).slice(0, limit);
}

function isBefore(a: TracePlace, b: TracePlace): boolean {
  return a.bucket > b.bucket || (a.bucket === b.bucket && a.traceId > b.traceId);
}

/**
 * FINAL can't read a key backwards, so this looks at stretches of time, the newest first and each longer than the one
 * before: what lies behind a full page is not read.
 */
async function listSettled(reader: ProjectReader, question: TraceListQuestion): Promise<TracePlace[]> {
  const { filters, from, to, position, limit } = question;
  const first = floorMinute(from);
  const end = ceilMinute(to);
  const { where, params } = traceConditions(filters, { first, end });
  const conditions = [
    "project = {project:String} AND live",
    "bucket >= toDateTime({since:UInt32}, 'UTC') AND bucket < toDateTime({until:UInt32}, 'UTC')",
    ...endConditions(question),
    ...(position === undefined
      ? []
      : [
          "(bucket, trace_id) < (toDateTime({after_bucket:UInt32}, 'UTC'), toFixedString(unhex({after_trace:String}), 16))",
        ]),
    ...where,
  ];
  const listed = new Map<string, TracePlace>();
  let until = Math.min(end, position === undefined ? Number.POSITIVE_INFINITY : position.after.bucket + 60);
  const filtered = Object.values(filters).some((value) => value !== undefined);
  for (
    let minutes: number = filtered ? firstMinutes.some : firstMinutes.any;
    until > first && listed.size < limit;
    minutes *= growth
  ) {
    const since = Math.max(first, until - minutes * 60);
    const rows = await reader.queryRows<[number, string]>(
      `SELECT toUnixTimestamp(bucket), lower(hex(trace_id)) FROM traces FINAL WHERE ${conditions.join(" AND ")}
       ORDER BY bucket DESC, trace_id DESC LIMIT {limit:UInt32}`,
      {
        ...params,
        ...{ since, until },
        from: decimalSeconds(from),
        to: decimalSeconds(to),
        after_bucket: position?.after.bucket,
        after_trace: position?.after.traceId,
        limit: limit - listed.size,
      },
    );
    // Between a trace's new row and the tombstone at its old place it has two: the newer stands.
    for (const [bucket, traceId] of rows) if (!listed.has(traceId)) listed.set(traceId, { bucket, traceId });
    until = since;
  }
  return [...listed.values()];
}
