import type { TraceSummary } from "@spanhouse/schemas/api/traces";
import type { ProjectReader } from "./project-reader.ts";
import { boundTraceIds, hexOrEmpty, inBucketsOf } from "./trace-keys.ts";
import { atSummaryPlace, findTrace, type TracePlace } from "./trace-place.ts";

/** A row of `traces`: what a summary is, save for what is derived when it is read. */
export type TraceRow = Omit<TraceSummary, "state" | "open_spans">;

const texts = ["name", "message", "user_id", "conversation_id"] as const;
const enums = ["outcome", "refusal"] as const;
const money = ["cost", "estimated_cost", "cache_savings", "wasted_cost"] as const;
const flags = ["has_root", "has_cycle"] as const;
const times = ["start_time", "end_time"] as const;
const counts = [
  ...(["missing_parents", "duration_us", "spans", "void_spans", "aggregates", "calls", "tool_calls"] as const),
  ...(["errors", "refusals", "retries"] as const),
  ...(["priced_calls", "estimated_calls", "unpriced_calls", "unknown_usage_calls"] as const),
  ...(["input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens"] as const),
] as const;
const lists = [
  ...(["outcomes", "error_classes", "tags", "environments", "services", "releases", "teams", "features"] as const),
  ...(["prompts", "providers", "request_models", "response_models", "operations", "tool_names"] as const),
] as const;

/** The columns of a `TraceRow`, as `traceRowOf` reads them. */
const traceColumns = [
  "lower(hex(trace_id)) AS id",
  `${hexOrEmpty("root_span_id")} AS root_id`,
  ...[...texts, ...enums, ...money, ...flags, ...times, ...counts, ...lists],
].join(", ");

type TraceColumns = { readonly id: string; readonly root_id: string } & Readonly<
  Record<(typeof counts)[number], string | number>
> &
  Pick<
    TraceRow,
    | (typeof texts)[number]
    | (typeof enums)[number]
    | (typeof money)[number]
    | (typeof flags)[number]
    | (typeof times)[number]
    | (typeof lists)[number]
  >;

function traceRowOf({ id, root_id, ...columns }: TraceColumns): TraceRow {
  const numbers = Object.fromEntries(counts.map((name) => [name, Number(columns[name])])) as Record<
    (typeof counts)[number],
    number
  >;
  return { ...columns, ...numbers, trace_id: id, root_span_id: root_id === "" ? null : root_id };
}

/** The trace's row, or undefined when none of its spans has ended. */
export async function readTrace(reader: ProjectReader, traceId: string): Promise<TraceRow | undefined> {
  return (await readTraces(reader, [traceId])).get(traceId);
}

/** The rows of these traces, wherever they stand by now. */
export async function readTraces(
  reader: ProjectReader,
  traceIds: readonly string[],
): Promise<ReadonlyMap<string, TraceRow>> {
  if (traceIds.length === 0) return new Map();
  const rows = await reader.query<TraceColumns>(
    `SELECT ${traceColumns} FROM traces FINAL WHERE ${inBucketsOf(boundTraceIds)} AND live
     ORDER BY bucket DESC LIMIT 1 BY trace_id`,
    { trace_ids: traceIds },
  );
  return new Map(rows.map((row) => [row.id, traceRowOf(row)]));
}

/** A trace's row with its rank, which rises with everything that changes the trace. */
export interface StandingTrace {
  readonly trace: TraceRow;
  readonly rank: string;
}

/** Undefined: none of its spans is summarised yet. */
export async function readStandingTrace(reader: ProjectReader, place: TracePlace): Promise<StandingTrace | undefined> {
  const [row] = await reader.query<TraceColumns & { readonly standing: string }>(
    `SELECT ${traceColumns}, toString(rank) AS standing FROM traces FINAL
     WHERE ${atSummaryPlace} AND live ORDER BY bucket DESC LIMIT 1`,
    { ...place },
  );
  if (row === undefined) {
    // It may have moved to a minute that came meanwhile.
    const now = await findTrace(reader, place.trace_id);
    return now && now.buckets.length > place.buckets.length ? readStandingTrace(reader, now) : undefined;
  }
  const { standing: rank, ...columns } = row;
  return { trace: traceRowOf(columns), rank };
}
