/**
 * Slices: the spans of one (project, minute, lane), summed by the dimensions of a kind. Sketches are dear to merge and
 * money is cheap, so kinds with sketches have few dimensions (docs/exactness.md).
 */

/** The spans of one minute and lane of a project: what is recomputed as a whole. */
export interface SliceKey {
  readonly project: string;
  /** Minutes since the epoch. */
  readonly bucket: number;
  readonly lane: number;
}

/** What a measure is made of a span's columns, and how two of them are put together. */
interface Measure {
  readonly ofSpans: string;
  readonly merge: "sum" | "sketch";
}

const sum = (ofSpans: string): Measure => ({ ofSpans, merge: "sum" });
/** Relative accuracy and levels of `quantilesDD`: mergeable and deterministic, whatever the order. */
export const sketchParameters = "0.01, 0.5, 0.9, 0.95, 0.99";

const sketch = (column: string): Measure => ({
  ofSpans: `quantilesDDStateIf(${sketchParameters})(${column}, ${column} > 0)`,
  merge: "sketch",
});

/** An estimate never enters an exact column: tokens are summed where the provider reported them. */
const exactTokens = (column: string): Measure => sum(`sumIf(${column}, usage_state = 'exact')`);

const calls = sum("countIf(role = 'model')");
const tokens = {
  input_tokens: exactTokens("input_tokens"),
  cache_read_tokens: exactTokens("cache_read_tokens"),
  cache_write_tokens: exactTokens("cache_write_tokens"),
  output_tokens: exactTokens("output_tokens"),
  reasoning_tokens: exactTokens("reasoning_tokens"),
} as const;
const money = {
  cost: sum("sum(cost)"),
  estimated_cost: sum("sum(estimated_cost)"),
  cache_savings: sum("sum(cache_savings)"),
  /** Paid for, and of no use. A call that was resent is not: its failed tries cost nothing, the one that answered is wanted. */
  wasted_cost: sum("sumIf(cost, outcome IN ('error', 'aborted', 'truncated'))"),
} as const;
const durationSum = sum("sum(duration_us)");

export interface SliceKind {
  /** Dimension columns, each with its expression over `spans`. */
  readonly dimensions: Readonly<Record<string, string>>;
  readonly measures: Readonly<Record<string, Measure>>;
  /** Which spans are counted; void ones and aggregates never are. */
  readonly counted: string;
}

const own = (...columns: readonly string[]): Record<string, string> =>
  Object.fromEntries(columns.map((column) => [column, column]));

/** Spans that spend is added up from: calls, and wrappers whose usage no call below explains. */
const spending = "(role = 'model' OR usage_state != 'none')";

export const sliceKinds = {
  spend: {
    dimensions: {
      ...own("environment", "service", "release", "region", "team", "cost_centre", "feature", "prompt", "provider"),
      ...own("credential", "request_model", "response_model", "operation", "service_tier", "outcome", "refusal"),
      ...own("error_class", "price_state"),
      is_retry: "toBool(attempt > 1)",
    },
    measures: { calls, ...tokens, ...money, duration_us: durationSum },
    counted: spending,
  },
  latency: {
    dimensions: own("environment", "service", "provider", "response_model", "operation", "outcome"),
    measures: {
      calls,
      duration_us: durationSum,
      duration_sketch: sketch("duration_us"),
      time_to_first_chunk_sketch: sketch("time_to_first_chunk_us"),
    },
    counted: "role = 'model'",
  },
  tools: {
    dimensions: own("environment", "service", "tool_name", "outcome"),
    measures: { calls: sum("count()"), duration_us: durationSum, duration_sketch: sketch("duration_us") },
    counted: "role = 'tool'",
  },
  usage: {
    dimensions: own("user_id", "conversation_id"),
    measures: { calls, ...tokens, ...money },
    counted: `${spending} AND (user_id != '' OR conversation_id != '')`,
  },
} as const satisfies Record<string, SliceKind>;

export type SliceKindName = keyof typeof sliceKinds;
export const sliceKindNames = Object.keys(sliceKinds) as readonly SliceKindName[];
