import { z } from "zod";
import { outcomes, refusals } from "../outcome.ts";
import { treeNodeSchema } from "./spans.ts";
import { traceFacets, traceFilterParameters, traceRangeParameters, traceStates } from "./trace-filters.ts";
import {
  countSchema,
  cursorParameter,
  filterParameter,
  limitParameter,
  moneySchema,
  spanIdSchema,
  timeSchema,
  traceIdSchema,
} from "./values.ts";

const names = z.array(z.string());

export const traceSummarySchema = z
  .object({
    trace_id: traceIdSchema,
    state: z.enum(traceStates),
    name: z.string().describe("of the root"),
    root_span_id: spanIdSchema.nullable(),
    has_root: z.boolean(),
    missing_parents: countSchema.describe("parents that spans name and that never came"),
    has_cycle: z.boolean(),
    start_time: timeSchema,
    end_time: timeSchema.nullable().describe("when it last ended so far; null: nothing has"),
    duration_us: countSchema,
    open_spans: countSchema.describe("announced and not ended"),
    spans: countSchema,
    void_spans: countSchema.describe("rows that another row of the same span id supersedes"),
    aggregates: countSchema.describe("spans that repeat usage of spans below them and are not counted"),
    calls: countSchema,
    tool_calls: countSchema,
    errors: countSchema,
    refusals: countSchema,
    retries: countSchema,
    priced_calls: countSchema,
    estimated_calls: countSchema,
    unpriced_calls: countSchema.describe("usage known, model not"),
    unknown_usage_calls: countSchema,
    input_tokens: countSchema.describe("includes cache"),
    cache_read_tokens: countSchema,
    cache_write_tokens: countSchema,
    output_tokens: countSchema.describe("includes reasoning"),
    reasoning_tokens: countSchema,
    cost: moneySchema,
    estimated_cost: moneySchema.describe("USD of estimated calls: not part of cost"),
    cache_savings: moneySchema,
    wasted_cost: moneySchema.describe("USD of calls that ended in an error, were aborted or truncated"),
    outcome: z.enum(outcomes).nullable().describe("null: nothing has ended"),
    outcomes: z.array(z.enum(outcomes)),
    refusal: z.enum(refusals),
    error_classes: names,
    message: z.string(),
    user_id: z.string(),
    conversation_id: z.string(),
    tags: names,
    environments: names,
    services: names,
    releases: names,
    teams: names,
    features: names,
    prompts: names,
    providers: names,
    request_models: names,
    response_models: names,
    operations: names,
    tool_names: names,
  })
  .meta({ id: "TraceSummary" });
export type TraceSummary = z.infer<typeof traceSummarySchema>;

export const maxTracesPerPage = 200;

/** What a list is in the order of, the greatest or newest first. */
export const traceSorts = ["time", "cost", "duration", "tokens"] as const;

export const traceListQuerySchema = z.strictObject({
  ...traceRangeParameters,
  ...traceFilterParameters,
  sort: z.enum(traceSorts).default("time").describe("greatest or newest first"),
  limit: limitParameter(maxTracesPerPage, 50),
  cursor: cursorParameter.optional().describe("next_cursor of the page before, with the same filters"),
});

export const traceListSchema = z.object({
  from: timeSchema,
  to: timeSchema,
  traces: z.array(traceSummarySchema).describe("by the minute in which they last ended, newest first; else by `sort`"),
  next_cursor: z.string().nullable().describe("null: there are no more"),
});
export type TraceList = z.infer<typeof traceListSchema>;

export const traceCountQuerySchema = z.strictObject({
  ...traceRangeParameters,
  ...traceFilterParameters,
  bound: limitParameter(10_000_000, 10_000).describe("counting ends there"),
});

export const traceCountSchema = z.object({
  count: countSchema,
  bound: countSchema,
  bounded: z.boolean().describe("there are at least `count`; else exactly"),
});

const facetList = z
  .string()
  .meta({ pattern: `^(${traceFacets.join("|")})(,(${traceFacets.join("|")}))*$` })
  .transform((text) => text.split(","))
  .pipe(z.array(z.enum(traceFacets)).refine((list) => new Set(list).size === list.length, "expected each name once"));

export const traceFacetsQuerySchema = z.strictObject({
  ...traceRangeParameters,
  ...traceFilterParameters,
  facets: facetList.describe(`comma-separated, of ${traceFacets.join(", ")}`),
  containing: filterParameter.optional().describe("only values that contain it; case does not matter"),
  limit: limitParameter(100, 10).describe("values of each facet"),
});

export const traceFacetsSchema = z.object({
  facets: z.array(
    z.object({
      facet: z.enum(traceFacets),
      values: z
        .array(z.object({ value: z.string(), traces: countSchema }))
        .describe("most traces first, under all filters but the facet's own"),
      truncated: z.boolean().describe("there are more values"),
    }),
  ),
});

export const traceHistogramQuerySchema = z.strictObject({
  ...traceRangeParameters,
  ...traceFilterParameters,
  bars: limitParameter(1000, 60).describe("at most; steps are of whole minutes"),
});

export const traceHistogramSchema = z.object({
  from: timeSchema,
  to: timeSchema,
  step_seconds: countSchema,
  bars: z
    .array(
      z.object({
        time: timeSchema.describe("start of the step"),
        traces: countSchema,
        errors: countSchema.describe("traces with an error"),
        refusals: countSchema.describe("traces with a refusal"),
        cost: moneySchema,
      }),
    )
    .describe("by time; a step without traces has none"),
});

export const traceTailQuerySchema = z.strictObject({ ...traceFilterParameters });

export const traceExportQuerySchema = z.strictObject({
  ...traceRangeParameters,
  ...traceFilterParameters,
  format: z.enum(["jsonl", "csv"]).default("jsonl"),
});

export const maxSpansPerPage = 5000;

export const traceParamsSchema = z.strictObject({ trace_id: traceIdSchema });

export const traceQuerySchema = z.strictObject({
  limit: limitParameter(maxSpansPerPage, 1000).describe("spans of one page"),
  cursor: cursorParameter.optional().describe("next_cursor of the page before"),
});

export const traceDetailSchema = z.object({
  trace: traceSummarySchema,
  synthetic_root: z
    .boolean()
    .describe("The trace has not exactly one root: the spans of depth 1 stand under one that nobody sent."),
  tree_size: countSchema.describe("spans of all pages, open ones included"),
  spans: z.array(treeNodeSchema).describe("depth first; siblings by start"),
  next_cursor: z.string().nullable(),
});
export type TraceDetail = z.infer<typeof traceDetailSchema>;
