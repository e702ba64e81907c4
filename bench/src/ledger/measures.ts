/**
 * What a ledger adds up: tallies of measures, each by several dimensions. A value of every dimension stands with its
 * project, because nothing is ever summed over projects. The names are those of the store's columns where it has them.
 */

const time = ["minute", "hour", "day"] as const;
const tokens = [
  "input_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "output_tokens",
  "reasoning_tokens",
] as const;
/** Pico-dollars. */
const money = ["cost", "estimated_cost", "cache_savings", "wasted_cost"] as const;

export const tallies = {
  /** Rows of spans, whatever they count. */
  spans: {
    dimensions: ["project", ...time, "role"],
    measures: ["rows", "void", "aggregates"],
  },
  /** Bytes of what was said. */
  payloads: {
    dimensions: ["project", "day"],
    measures: ["rows", "request", "response", "tool_arguments", "tool_result", "documents"],
  },
  spend: {
    dimensions: [
      ...["project", ...time, "environment", "service", "release", "region", "team", "cost_centre", "feature"],
      ...["prompt", "provider", "request_model", "response_model", "operation", "outcome", "refusal", "error_class"],
      ...["is_retry", "price_state"],
    ],
    measures: ["calls", ...tokens, ...money, "duration_us"],
  },
  usage: {
    dimensions: ["project", ...time, "user_id", "conversation_id"],
    measures: ["calls", ...tokens, ...money],
  },
  latency: {
    dimensions: ["project", ...time, "environment", "service", "provider", "response_model", "operation", "outcome"],
    measures: ["calls", "duration_us"],
  },
  tools: {
    dimensions: ["project", ...time, "environment", "service", "tool_name", "outcome"],
    measures: ["calls", "duration_us"],
  },
} as const satisfies Record<string, { readonly dimensions: readonly string[]; readonly measures: readonly string[] }>;

export type TallyName = keyof typeof tallies;
export const tallyNames = Object.keys(tallies) as readonly TallyName[];

/** What a ledger knows of each trace, in the order of its columns. */
export const traceColumns = [
  ...["bucket", "start_us", "end_us", "spans", "void_spans", "aggregates", "calls", "tool_calls", "errors"],
  ...["refusals", "retries", "priced_calls", "unpriced_calls", "unknown_usage_calls"],
  ...tokens,
  ...money,
  ...["user_id", "conversation_id"],
] as const;

/** Of a Unix time in microseconds, as they stand in a ledger: `2026-10-05T07:31`, `2026-10-05T07`, `2026-10-05`. */
export function timesOf(us: number): { readonly minute: string; readonly hour: string; readonly day: string } {
  const text = new Date(us / 1000).toISOString();
  return { minute: text.slice(0, 16), hour: text.slice(0, 13), day: text.slice(0, 10) };
}
