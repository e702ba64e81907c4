import { z } from "zod";
import { errorClasses, outcomes, refusals } from "../outcome.ts";
import { fidelities, priceStates, roles, SpanFlag, usageStates } from "../span.ts";
import {
  countSchema,
  cursorParameter,
  limitParameter,
  moneySchema,
  spanIdSchema,
  timeSchema,
  traceIdSchema,
} from "./values.ts";

const spanFlagNames = Object.keys(SpanFlag) as (keyof typeof SpanFlag)[];

/** The names of the bits of `SpanRow.flags`. */
export function flagNames(flags: number): (keyof typeof SpanFlag)[] {
  return spanFlagNames.filter((name) => (flags & SpanFlag[name]) !== 0);
}

/** What the tree and the span itself both show. */
const spanFields = {
  span_id: spanIdSchema,
  parent_span_id: spanIdSchema.nullable(),
  name: z.string(),
  role: z.enum(roles),
  operation: z.string(),
  service: z.string(),
  provider: z.string(),
  request_model: z.string(),
  response_model: z.string(),
  tool_name: z.string(),
  agent_name: z.string(),
  start_time: timeSchema.describe("as received, never rewritten"),
  end_time: timeSchema.nullable().describe("null: announced and not ended"),
  duration_us: countSchema,
  time_to_first_chunk_us: countSchema.nullable().describe("null: not measured"),
  usage_state: z.enum(usageStates),
  input_tokens: countSchema.describe("includes cache"),
  cache_read_tokens: countSchema,
  cache_write_tokens: countSchema,
  output_tokens: countSchema.describe("includes reasoning"),
  reasoning_tokens: countSchema,
  price_state: z.enum(priceStates),
  cost: moneySchema,
  estimated_cost: moneySchema,
  outcome: z.enum(outcomes).nullable().describe("null: not ended"),
  refusal: z.enum(refusals),
  error_class: z.enum(errorClasses),
  message: z.string().describe("first line of the refusal, or of the error"),
  attempt: countSchema.describe("1 for the first try"),
  open: z.boolean().describe("announced and not ended"),
  aggregate: z.boolean().describe("repeats usage of spans below it: not counted"),
  void: z.boolean().describe("superseded: not counted"),
  flags: z.array(z.enum(spanFlagNames)).describe("what was wrong with the span"),
};

/** A span with its place in the tree. */
export const treeNodeSchema = z
  .object({
    ...spanFields,
    depth: countSchema.describe("0 for the root; under a synthetic root from 1"),
    children: countSchema,
    descendants: countSchema,
    orphan: z.boolean().describe("its parent never came: shown under the synthetic root"),
    cycle: z.boolean().describe("it is its own ancestor by what the spans say: the cycle is cut at its earliest span"),
    self_us: countSchema.describe("of its duration, when no child of it ran"),
    critical_us: countSchema.describe(
      "of its time, what the trace's end waited for; over all spans the trace's length",
    ),
    subtree_cost: moneySchema.describe("of it and all below it, what is counted"),
    cost_share: z.number().describe("of the trace's cost, what its subtree has; 0 to 1"),
    starts_before_parent_us: countSchema.describe("by how much its clock is behind its parent's, at least"),
  })
  .meta({ id: "TreeNode" });
export type TreeNode = z.infer<typeof treeNodeSchema>;

export const maxSpansPerTable = 20_000;

export const spanTableQuerySchema = z.strictObject({
  limit: limitParameter(maxSpansPerTable, 5000).describe("spans of one page"),
  cursor: cursorParameter.optional().describe("next_cursor of the page before"),
});

const whole = z.array(countSchema);
const signed = z.array(z.number().meta({ type: "integer" }));
const word = z.array(countSchema).describe("index into `strings`");

/** Bits of `marks` in a table of spans. */
export const SpanMark = { open: 1, aggregate: 2, void: 4, orphan: 8, cycle: 16 } as const;

/** Spans as a table by columns: a trace of 100,000 is a few megabytes. Rows are in the tree's order, depth first. */
export const spanTableSchema = z.object({
  trace_id: traceIdSchema,
  synthetic_root: z.boolean(),
  tree_size: countSchema.describe("spans of all pages"),
  start_time: timeSchema.describe("of the earliest span: what `start_ns` counts from"),
  duration_us: countSchema.describe("from the earliest start to the latest end"),
  offset: countSchema.describe("of the page's first row in the tree"),
  rows: countSchema,
  strings: z.array(z.string()).describe("each text of the page once"),
  columns: z.object({
    span_id: z.array(spanIdSchema),
    parent: signed.describe("the row of its parent in the tree; -1 at the top"),
    depth: whole,
    children: whole,
    descendants: whole,
    start_ns: signed.describe("after `start_time`; beyond 2^53 the last digits are lost"),
    duration_us: whole,
    time_to_first_chunk_us: whole.describe("0: not measured"),
    self_us: whole,
    critical_us: whole,
    starts_before_parent_us: whole,
    input_tokens: whole,
    cache_read_tokens: whole,
    cache_write_tokens: whole,
    output_tokens: whole,
    reasoning_tokens: whole,
    attempt: whole,
    marks: whole.describe("bits: 1 open, 2 aggregate, 4 void, 8 orphan, 16 cycle"),
    cost: word.describe("index into `strings`: USD"),
    estimated_cost: word.describe("index into `strings`: USD"),
    subtree_cost: word.describe("index into `strings`: USD"),
    name: word,
    role: word,
    operation: word,
    service: word,
    provider: word,
    request_model: word,
    response_model: word,
    tool_name: word,
    agent_name: word,
    usage_state: word,
    price_state: word,
    outcome: word.describe("index into `strings`; the empty text: not ended"),
    refusal: word,
    error_class: word,
    message: word,
  }),
  flags: z
    .record(z.string(), z.array(z.enum(spanFlagNames)))
    .describe("what was wrong with spans, by their row in the page; of most there is nothing"),
  next_cursor: z.string().nullable(),
});
export type SpanTable = z.infer<typeof spanTableSchema>;

export const attributeTypes = ["string", "bool", "int", "double", "array", "kvlist", "bytes", "empty"] as const;

/** An attribute in the order and with the type of the wire. */
export const attributeSchema = z
  .object({
    key: z.string(),
    type: z.enum(attributeTypes),
    value: z
      .unknown()
      .describe("an int beyond 2^53, NaN and infinities as string; bytes as base64; kvlist as object; empty as null"),
  })
  .meta({ id: "Attribute" });
export type TypedAttribute = z.infer<typeof attributeSchema>;

/** The texts of a span, each also a route of its own that gives the exact bytes. */
export const spanTexts = ["request", "response", "tool_arguments", "tool_result"] as const;
export type SpanText = (typeof spanTexts)[number];

const textSchema = z.string().nullable().describe("null: none is stored. Invalid UTF-8 reads as U+FFFD");

const eventSchema = z.object({
  time: timeSchema,
  name: z.string(),
  attributes: z.record(z.string(), z.unknown()),
});

const linkSchema = z.object({
  trace_id: z.string(),
  span_id: z.string(),
  attributes: z.record(z.string(), z.unknown()),
});

export const spanDetailSchema = z.object({
  trace_id: traceIdSchema,
  ...spanFields,
  kind: z.string(),
  scope_name: z.string(),
  scope_version: z.string(),
  dialect: z.string().describe("whose conventions the span was read by"),
  family: z.string(),
  response_id: z.string(),
  service_tier: z.string(),
  tool_call_id: z.string(),
  user_id: z.string(),
  conversation_id: z.string(),
  tags: z.array(z.string()),
  metadata: z.record(z.string(), z.string()),
  environment: z.string(),
  release: z.string(),
  region: z.string(),
  team: z.string(),
  cost_centre: z.string(),
  feature: z.string(),
  prompt: z.string(),
  credential: z.string(),
  units: z.record(z.string(), countSchema).describe("every other billing unit"),
  estimated_usage: z
    .object({ input_tokens: countSchema, output_tokens: countSchema })
    .nullable()
    .describe("counted in its texts, where usage_state is estimated; in none of the counts above"),
  owned_by_rule: z
    .array(z.enum(["team", "cost_centre", "feature", "prompt", "release"]))
    .describe("which of its owners a rule gave, as the span did not say them"),
  cache_savings: moneySchema,
  price_source: z.string(),
  price_version: z.string(),
  price_rule: z.string(),
  error_type: z.string(),
  finish_reasons: z.array(z.string()),
  erased: z.boolean(),
  instance: z.string(),
  sequence: z.string().describe("64-bit, decimal"),
  version: z.string().describe("64-bit, 16 hex digits"),
  fidelity: z.enum(fidelities).describe("what is known of the bytes of request and response"),
  request: textSchema,
  response: textSchema,
  tool_arguments: textSchema,
  tool_result: textSchema,
  documents: textSchema.describe("retrieved documents, JSON"),
  text_bytes: z.object(
    Object.fromEntries(spanTexts.map((text) => [text, countSchema])) as Record<SpanText, typeof countSchema>,
  ),
  attributes: z.array(attributeSchema).describe("all but the texts above"),
  resource_attributes: z.array(attributeSchema),
  events: z.array(eventSchema),
  links: z.array(linkSchema),
  trace_state: z.string(),
  status_message: z.string(),
});
export type SpanDetail = z.infer<typeof spanDetailSchema>;

export const spanTriesSchema = z.object({
  tries: z
    .array(
      z.object({
        span_id: spanIdSchema,
        attempt: countSchema,
        start_time: timeSchema,
        end_time: timeSchema,
        duration_us: countSchema,
        wait_us: countSchema.nullable().describe("since the try before ended; null for the first"),
        outcome: z.enum(outcomes),
        error_class: z.enum(errorClasses),
        error_type: z.string(),
      }),
    )
    .describe("in order. Of the same parent, operation and requested model, each numbered higher than the one before"),
});

export const spanParamsSchema = z.strictObject({ trace_id: traceIdSchema, span_id: spanIdSchema });
