import type { TreeNode } from "@spanhouse/schemas/api/spans";
import { flagNames } from "@spanhouse/schemas/api/spans";
import { parseDollars } from "@spanhouse/schemas/money";
import type { QueryParams } from "../clickhouse.ts";
import type { ProjectReader } from "./project-reader.ts";
import { hexOrEmpty, standingFirst } from "./trace-keys.ts";
import { atPlace, findTrace, type TracePlace } from "./trace-place.ts";

/** What the tree is built from, and its times and money are counted by. `parentSpanId` is empty for a root. */
export interface SpanPlace {
  readonly spanId: string;
  readonly parentSpanId: string;
  /** After the earliest, ns. */
  readonly startNs: number;
  readonly durationUs: number;
  /** Pico-dollars; 0n for a span that is not counted. */
  readonly cost: bigint;
}

export interface SpanPlaces {
  /** Of the earliest, Unix ns. */
  readonly start: bigint;
  /** Every span of the trace once, by start. */
  readonly places: readonly SpanPlace[];
}

/** One row of arrays: for 100,000 spans a row each would take longer to parse than to read. */
export async function readSpanPlaces(reader: ProjectReader, place: TracePlace): Promise<SpanPlaces> {
  const [row] = await reader.queryRows<[string, string[], string[], number[], number[], string[]]>(
    `WITH toUnixTimestamp64Nano(start_time) AS start
     SELECT min(start), groupArray(lower(hex(span_id))), groupArray(${hexOrEmpty("parent_span_id")}),
       groupArray(toFloat64(start - earliest)), groupArray(toFloat64(duration_us)),
       groupArray(if(void OR aggregate OR cost = 0, '', toString(cost))) FROM
     (
       SELECT *, min(toUnixTimestamp64Nano(start_time)) OVER () AS earliest FROM
       (
         SELECT span_id, parent_span_id, start_time, duration_us, cost, void, aggregate FROM spans FINAL
         PREWHERE ${atPlace} ORDER BY span_id, ${standingFirst} LIMIT 1 BY span_id
       )
       ORDER BY start_time, span_id
     )`,
    { ...place },
  );
  const [start, spanIds, parents, starts, durations, costs] = row!;
  return {
    start: BigInt(start),
    places: spanIds.map((spanId, i) => ({
      spanId,
      parentSpanId: parents[i]!,
      startNs: starts[i]!,
      durationUs: durations[i]!,
      cost: costs[i] === "" ? 0n : parseDollars(costs[i]!),
    })),
  };
}

const counts = [
  ...(["duration_us", "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens"] as const),
  ...(["reasoning_tokens", "attempt"] as const),
] as const;
const others = [
  ...(["name", "role", "operation", "service", "provider", "request_model", "response_model", "tool_name"] as const),
  ...([
    "agent_name",
    "start_time",
    "end_time",
    "usage_state",
    "price_state",
    "cost",
    "estimated_cost",
    "outcome",
  ] as const),
  ...(["refusal", "error_class", "message", "aggregate", "void"] as const),
] as const;

/** The names of `spanColumns`, in their order. */
const selected = ["id", "parent_id", "flag_bits", "first_chunk_us", ...counts, ...others] as const;

/** Columns of a span that tree and span both show, as `spanFieldsOf` reads them. */
export const spanColumns = [
  "lower(hex(span_id)) AS id",
  `${hexOrEmpty("parent_span_id")} AS parent_id`,
  ...["flags AS flag_bits", "time_to_first_chunk_us AS first_chunk_us", ...counts, ...others],
].join(", ");

/** A span without its place in the tree. */
export type SpanFields = Omit<
  TreeNode,
  | ("depth" | "children" | "descendants" | "orphan" | "cycle" | "starts_before_parent_us")
  | ("self_us" | "critical_us" | "subtree_cost" | "cost_share")
>;

export type SpanColumns = Pick<SpanFields, (typeof others)[number]> &
  Readonly<Record<(typeof counts)[number], string | number>> & {
    readonly id: string;
    readonly parent_id: string;
    readonly flag_bits: number;
    readonly first_chunk_us: string;
  };

export function spanFieldsOf(columns: SpanColumns): SpanFields {
  const own = Object.fromEntries(others.map((name) => [name, columns[name]])) as Pick<
    SpanFields,
    (typeof others)[number]
  >;
  const numbers = Object.fromEntries(counts.map((name) => [name, Number(columns[name])])) as Record<
    (typeof counts)[number],
    number
  >;
  const firstChunkUs = Number(columns.first_chunk_us);
  return {
    ...own,
    ...numbers,
    span_id: columns.id,
    parent_span_id: columns.parent_id === "" ? null : columns.parent_id,
    time_to_first_chunk_us: firstChunkUs === 0 ? null : firstChunkUs,
    open: false,
    flags: flagNames(columns.flag_bits),
  };
}

/** What one bound value may hold of ids. */
const idsPerList = 5000;

/** These spans of the trace, by id. */
export async function readTraceSpans(
  reader: ProjectReader,
  traceId: string,
  spanIds: readonly string[],
): Promise<ReadonlyMap<string, SpanFields>> {
  const place = await findTrace(reader, traceId);
  const lists = Array.from({ length: Math.ceil(spanIds.length / idsPerList) }, (_, i) =>
    spanIds.slice(i * idsPerList, (i + 1) * idsPerList),
  );
  if (place === undefined || lists.length === 0) return new Map();
  const ids = lists.map((_, i) => `{span_ids_${i}:Array(String)}`).join(", ");
  return readFields(reader, `AND span_id IN (SELECT toFixedString(unhex(arrayJoin(arrayConcat(${ids}))), 8))`, "", {
    ...place,
    ...Object.fromEntries(lists.map((list, i) => [`span_ids_${i}`, list])),
  });
}

/** All spans of a trace of at most `most`, by id; undefined of a larger one. */
export async function readSmallTrace(
  reader: ProjectReader,
  place: TracePlace,
  most: number,
): Promise<ReadonlyMap<string, SpanFields> | undefined> {
  const fields = await readFields(reader, "", "LIMIT {most:UInt32}", { ...place, most: most + 1 });
  return fields.size > most ? undefined : fields;
}

async function readFields(
  reader: ProjectReader,
  condition: string,
  limit: string,
  params: QueryParams,
): Promise<ReadonlyMap<string, SpanFields>> {
  const rows = await reader.queryRows<readonly unknown[]>(
    `SELECT ${spanColumns} FROM spans FINAL PREWHERE ${atPlace} ${condition}
     ORDER BY span_id, ${standingFirst} LIMIT 1 BY span_id ${limit}`,
    params,
  );
  return new Map(
    rows.map((row) => {
      const columns = Object.fromEntries(row.map((value, i) => [selected[i], value])) as unknown as SpanColumns;
      return [columns.id, spanFieldsOf(columns)];
    }),
  );
}
