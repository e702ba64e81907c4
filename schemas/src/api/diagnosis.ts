import { z } from "zod";
import { spanTexts } from "./spans.ts";
import { countSchema, spanIdSchema, traceIdSchema } from "./values.ts";

/** What may be wrong with a trace, by the name of the check that looks for it. */
export const diagnosisChecks = [
  ...(["unfilled_variable", "system_dropped", "context_truncated", "documents_cut", "prompt_growing"] as const),
  ...(["json_in_fence", "response_format", "tool_arguments", "call_repeated", "tool_error_ignored"] as const),
  ...(["tool_span_missing", "output_not_received", "refusal_ignored", "finish_length", "model_changed"] as const),
  ...(["retries_wasted", "sequential_calls", "cost_outlier", "cache_missed", "slow_call"] as const),
] as const;
export type DiagnosisCheck = (typeof diagnosisChecks)[number];

/** `error`: an answer built on it is wrong. `warning`: it probably costs quality or money. `info`: worth to know. */
export const severities = ["error", "warning", "info"] as const;

/** The texts of a span in which evidence lies. */
export const evidenceFields = [...spanTexts, "documents"] as const;

export const findingSchema = z
  .object({
    check: z.enum(diagnosisChecks),
    severity: z.enum(severities),
    span_id: spanIdSchema.describe("where it shows"),
    evidence: z.object({
      span_id: spanIdSchema.describe("mostly the span where it shows"),
      field: z.enum(evidenceFields).nullable().describe("null: a fact of the span, not a place in a text"),
      start: countSchema.nullable().describe("in the bytes of the field; null: the words are not there as one piece"),
      end: countSchema.nullable(),
      text: z.string().describe("what was seen, at most 200 characters"),
    }),
    says: z.string().describe("what is wrong, with the figures that show it"),
    fix: z.string().describe("what to do about it"),
  })
  .meta({ id: "Finding" });
export type Finding = z.infer<typeof findingSchema>;

export const diagnosisSchema = z.object({
  trace_id: traceIdSchema,
  findings: z.array(findingSchema).describe("the severe before the others, then by the start of their spans"),
  spans: countSchema.describe("model calls, tools and retrievals of the trace that count"),
  examined: countSchema.describe("of these, by start, so many were read: fewer than `spans` where the trace is large"),
});
export type Diagnosis = z.infer<typeof diagnosisSchema>;
