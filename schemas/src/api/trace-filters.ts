import { z } from "zod";
import { errorClasses, outcomes, refusals } from "../outcome.ts";
import { filterParameter, timeParameter } from "./values.ts";

/**
 * What is known of a trace. `open`: a span was announced and has not ended. `partial`: no root, or spans whose parent
 * never came. Else `complete`; late spans change it back.
 */
export const traceStates = ["open", "complete", "partial"] as const;
export type TraceState = (typeof traceStates)[number];

const dollars = z.string().regex(/^\d{1,12}(\.\d{1,12})?$/, "expected dollars as a decimal, such as 0.25");
const count = z.coerce.number("expected a whole number").int().min(0).max(Number.MAX_SAFE_INTEGER);

const severalOf = <One extends z.ZodType<string>>(one: One) =>
  z.union([one, z.array(one).max(10)]).transform((values): readonly string[] => [values].flat());

const pair = z
  .string()
  .max(400)
  .regex(/^[^=]+=/, "expected name=value");

/**
 * Filters of traces, joined by and. What says "of any span" may be true of different spans. Those marked * are asked of
 * the spans that ended in the same range of time, the others of the trace's summary.
 */
export const traceFilterParameters = {
  user: filterParameter.optional(),
  conversation: filterParameter.optional(),
  name: filterParameter.optional().describe("of the root"),
  feature: filterParameter.optional(),
  service: filterParameter.optional(),
  environment: filterParameter.optional(),
  release: filterParameter.optional(),
  prompt: filterParameter.optional().describe("name@version"),
  team: filterParameter.optional(),
  provider: filterParameter.optional(),
  model: filterParameter.optional().describe("requested or returned"),
  request_model: filterParameter.optional(),
  response_model: filterParameter.optional(),
  operation: filterParameter.optional(),
  tool: filterParameter.optional().describe("name of a tool that was executed"),
  outcome: z.enum(outcomes).optional().describe("of any span of the trace"),
  refusal: z.enum(refusals).optional().describe("the most certain one of the trace"),
  error_class: z.enum(errorClasses).optional().describe("of any span of the trace"),
  state: z.enum(traceStates).optional(),
  tag: severalOf(filterParameter).optional().describe("repeated: all of them"),
  metadata: severalOf(pair).optional().describe("* name=value, of any span; repeated: all of them"),
  attribute: severalOf(pair)
    .optional()
    .describe(
      "* name=value, as the span or its resource was sent with it, read by a dialect or not; numbers and lists as JSON; repeated: all of them",
    ),
  min_cost: dollars.optional().describe("USD, inclusive"),
  max_cost: dollars.optional().describe("USD, inclusive"),
  min_tokens: count.optional().describe("input and output, inclusive"),
  max_tokens: count.optional().describe("input and output, inclusive"),
  min_duration_us: count.optional(),
  max_duration_us: count.optional(),
  min_time_to_first_chunk_us: count.optional().describe("* of any call"),
  max_time_to_first_chunk_us: count.optional().describe("* of any call"),
  score: filterParameter.optional().describe("name of a score that the trace or a span of it was given"),
  score_label: filterParameter
    .optional()
    .describe("of a score: true, false, or a category; of `score` where it is given"),
  min_score: z.coerce
    .number("expected a number")
    .optional()
    .describe("of a score, inclusive; of `score` where it is given"),
  max_score: z.coerce
    .number("expected a number")
    .optional()
    .describe("of a score, inclusive; of `score` where it is given"),
  text: z
    .string()
    .min(2)
    .max(200)
    .optional()
    .describe("* words in a request or response, tool arguments or result, as they stand there; case does not matter"),
} as const;

/** A trace is in [from, to) by the time it last ended. */
export const traceRangeParameters = {
  from: timeParameter.optional().describe("of the last end, inclusive; a day before `to` by default"),
  to: timeParameter.optional().describe("of the last end, exclusive; the end of this minute by default"),
} as const;

/** The facets of traces: what a trace has one or several values of. */
export const traceFacets = [
  ...(["user", "conversation", "name", "feature", "service", "environment", "release", "prompt", "team"] as const),
  ...(["provider", "request_model", "response_model", "operation", "tool", "outcome", "refusal"] as const),
  ...(["error_class", "tag"] as const),
] as const;
export type TraceFacet = (typeof traceFacets)[number];
