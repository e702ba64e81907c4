import type { TraceFacet, traceFilterParameters } from "@spanhouse/schemas/api/trace-filters";
import type { z } from "zod";
import type { QueryParams } from "../clickhouse.ts";
import { inSpansOf } from "./trace-keys.ts";

/** Each that is given must hold of a trace. */
export type TraceFilters = Partial<z.infer<z.ZodObject<typeof traceFilterParameters>>>;

/** Where the values of a facet stand in `traces`: in a column of one, or in an array. */
export const facetColumns: Readonly<Record<TraceFacet, { readonly column: string; readonly several: boolean }>> = {
  user: { column: "user_id", several: false },
  conversation: { column: "conversation_id", several: false },
  name: { column: "name", several: false },
  refusal: { column: "refusal", several: false },
  feature: { column: "features", several: true },
  service: { column: "services", several: true },
  environment: { column: "environments", several: true },
  release: { column: "releases", several: true },
  prompt: { column: "prompts", several: true },
  team: { column: "teams", several: true },
  provider: { column: "providers", several: true },
  request_model: { column: "request_models", several: true },
  response_model: { column: "response_models", several: true },
  operation: { column: "operations", several: true },
  tool: { column: "tool_names", several: true },
  outcome: { column: "outcomes", several: true },
  error_class: { column: "error_classes", several: true },
  tag: { column: "tags", several: true },
};

/** Over columns of `traces`; `tag` has a condition for each of its values. */
const conditions: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(facetColumns)
      .filter(([facet]) => facet !== "tag")
      .map(([facet, { column, several }]) => [
        facet,
        several ? `has(${column}, {${facet}:String})` : `${column} = {${facet}:String}`,
      ]),
  ),
  model: "(has(request_models, {model:String}) OR has(response_models, {model:String}))",
  min_cost: "cost >= {min_cost:Decimal(38, 12)}",
  max_cost: "cost <= {max_cost:Decimal(38, 12)}",
  min_tokens: "input_tokens + output_tokens >= {min_tokens:UInt64}",
  max_tokens: "input_tokens + output_tokens <= {max_tokens:UInt64}",
  min_duration_us: "duration_us >= {min_duration_us:UInt64}",
  max_duration_us: "duration_us <= {max_duration_us:UInt64}",
};

/** Minutes, as Unix s, in which the spans ended that are asked too. */
export interface SpanRange {
  readonly first: number;
  readonly end: number;
}

export interface TraceConditions {
  readonly where: readonly string[];
  readonly params: QueryParams;
}

const ended =
  "project = {project:String} AND bucket >= toDateTime({first:UInt32}, 'UTC') AND bucket < toDateTime({end:UInt32}, 'UTC')";

/** What holds of the rows of `traces` that pass, and the values that it is bound to. */
export function traceConditions(filters: TraceFilters, range: SpanRange): TraceConditions {
  const { tag = [], metadata = [], attribute = [], state, text, ...plain } = filters;
  const given = Object.entries(plain).filter(([, value]) => value !== undefined);
  return {
    where: [
      ...given.flatMap(([name]) => conditions[name] ?? []),
      ...tag.map((_, i) => `has(tags, {tag_${i}:String})`),
      ...metadata.map((_, i) => ofSpans(mapHas("metadata", `metadata_${i}`))),
      ...attribute.map((_, i) =>
        ofPayloads(
          `(${["attributes", "resource_attributes"].map((map) => mapHas(map, `attribute_${i}`)).join(" OR ")})`,
        ),
      ),
      ...firstChunkConditions(filters),
      ...scoreConditions(filters),
      ...(state === undefined ? [] : [stateConditions[state]]),
      ...(text === undefined ? [] : [ofPayloads(holdsText)]),
    ],
    params: {
      ...Object.fromEntries(given),
      ...Object.fromEntries(tag.map((value, i) => [`tag_${i}`, value])),
      ...pairParams("metadata", metadata),
      ...pairParams("attribute", attribute),
      ...(text === undefined ? {} : { text: likePattern(text) }),
      ...range,
    },
  };
}

/** That a column of names and values has the pair that `pairParams` binds. */
function mapHas(column: string, pair: string): string {
  return `(mapContains(${column}, {${pair}_name:String}) AND ${column}[{${pair}_name:String}] = {${pair}_value:String})`;
}

function pairParams(filter: string, pairs: readonly string[]): QueryParams {
  return Object.fromEntries(
    pairs.flatMap((pair, i) => [
      [`${filter}_${i}_name`, pair.slice(0, pair.indexOf("="))],
      [`${filter}_${i}_value`, pair.slice(pair.indexOf("=") + 1)],
    ]),
  );
}

/** Of any span that counts. */
function ofSpans(condition: string): string {
  return `trace_id IN (SELECT trace_id FROM spans FINAL WHERE ${ended} AND NOT void AND ${condition})`;
}

function firstChunkConditions({
  min_time_to_first_chunk_us: min,
  max_time_to_first_chunk_us: max,
}: TraceFilters): string[] {
  const bounds = [
    ...(min === undefined ? [] : ["time_to_first_chunk_us >= {min_time_to_first_chunk_us:UInt64}"]),
    ...(max === undefined ? [] : ["time_to_first_chunk_us <= {max_time_to_first_chunk_us:UInt64}"]),
  ];
  return bounds.length === 0 ? [] : [ofSpans(["time_to_first_chunk_us > 0", ...bounds].join(" AND "))];
}

/** All of one score. Asked of the traces in the range alone, by which scores are kept. */
function scoreConditions({ score, score_label, min_score, max_score }: TraceFilters): string[] {
  const bounds = [
    ...(score === undefined ? [] : ["name = {score:String}"]),
    ...(score_label === undefined ? [] : ["label = {score_label:String}"]),
    ...(min_score === undefined ? [] : ["kind != 'category' AND value >= {min_score:Float64}"]),
    ...(max_score === undefined ? [] : ["kind != 'category' AND value <= {max_score:Float64}"]),
  ];
  return bounds.length === 0
    ? []
    : [
        `trace_id IN (SELECT trace_id FROM scores FINAL WHERE project = {project:String} AND trace_id IN (${listed})
          AND ${bounds.join(" AND ")})`,
      ];
}

const listed = `SELECT trace_id FROM traces WHERE ${ended}`;
const announced = `SELECT trace_id FROM open_spans WHERE project = {project:String} AND trace_id IN (${listed})`;
const open = `trace_id IN (SELECT trace_id FROM open_spans FINAL WHERE project = {project:String} AND trace_id IN (${listed})
  AND (trace_id, span_id) NOT IN (SELECT trace_id, span_id FROM spans WHERE ${inSpansOf(`(${announced})`)}))`;
const whole = "has_root AND missing_parents = 0";
const stateConditions = {
  open,
  complete: `${whole} AND NOT ${open}`,
  partial: `NOT (${whole}) AND NOT ${open}`,
} as const;

const texts = ["request", "response", "tool_arguments", "tool_result"] as const;
const holdsText = `(${texts.map((text) => `${text} ILIKE {text:String}`).join(" OR ")})`;
const key = "bucket, lane, trace_id, span_id";

/**
 * Of what is stored of any span. Without FINAL first, which would read all of it; then what stands at those keys, so that
 * what was superseded or erased finds nothing.
 */
function ofPayloads(condition: string): string {
  return `trace_id IN (SELECT trace_id FROM span_payloads FINAL WHERE project = {project:String} AND (${key}) IN
    (SELECT ${key} FROM span_payloads WHERE ${ended} AND ${condition}) AND ${condition})`;
}

function likePattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
}
