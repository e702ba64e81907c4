import { z } from "zod";
import { outcomes, refusals } from "../outcome.ts";
import { treeNodeSchema } from "./spans.ts";
import {
  countSchema,
  cursorParameter,
  filterParameter,
  limitParameter,
  moneySchema,
  spanIdSchema,
  timeParameter,
  timeSchema,
  traceIdSchema,
} from "./values.ts";

/**
 * What is known of a trace. `open`: a span was announced and has not ended. `partial`: no root, or spans whose parent
 * never came. Else `complete`; late spans change it back.
 */
export const traceStates = ["open", "complete", "partial"] as const;
export type TraceState = (typeof traceStates)[number];

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

/** Filters are joined by and. A trace is in [from, to) by the time it last ended. */
export const traceListQuerySchema = z.strictObject({
  from: timeParameter.optional().describe("of the last end, inclusive; a day before `to` by default"),
  to: timeParameter.optional().describe("of the last end, exclusive; the end of this minute by default"),
  user: filterParameter.optional(),
  conversation: filterParameter.optional(),
  model: filterParameter.optional().describe("requested or returned"),
  outcome: z.enum(outcomes).optional().describe("of any span of the trace"),
  service: filterParameter.optional(),
  environment: filterParameter.optional(),
  name: filterParameter.optional().describe("of the root"),
  limit: limitParameter(maxTracesPerPage, 50),
  cursor: cursorParameter.optional().describe("next_cursor of the page before, with the same filters"),
});

export const traceListSchema = z.object({
  from: timeSchema,
  to: timeSchema,
  traces: z.array(traceSummarySchema).describe("by the minute in which they last ended, newest first"),
  next_cursor: z.string().nullable().describe("null: there are no more"),
});
export type TraceList = z.infer<typeof traceListSchema>;

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
