import type { Measure } from "@spanhouse/schemas/api/metrics";
import { sketchParameters } from "../slices/slices.ts";

/** How a measure is computed over slices of a kind that has all columns it needs. */
export interface MeasureSql {
  readonly sql: string;
  readonly needs: readonly string[];
  /** Money is a decimal and stays text; everything else becomes a number, or null where there is nothing to divide. */
  readonly value: "money" | "number";
}

/** Whether it merges sketches, which are dear. */
export function isQuantile(measure: Measure): boolean {
  return /^p\d/.test(measure);
}

/** Whether what two stretches of time have sums to what both have. */
export function isAdditive(measure: Measure): boolean {
  const { sql } = measureSql[measure];
  return sql.startsWith("sum") && !sql.includes("/");
}

const count = (column: string): MeasureSql => ({ sql: `sum(s.${column})`, needs: [column], value: "number" });
const money = (column: string): MeasureSql => ({ sql: `sum(s.${column})`, needs: [column], value: "money" });

const callsWhere = (dimension: string, value: string): MeasureSql => ({
  sql: `sumIf(s.calls, s.${dimension} = '${value}')`,
  needs: ["calls", dimension],
  value: "number",
});
const rateWhere = (dimension: string, value: string): MeasureSql => ({
  ...callsWhere(dimension, value),
  sql: `${callsWhere(dimension, value).sql} / sum(s.calls)`,
});

const [, ...levels] = sketchParameters.split(", ");
const quantile = (column: string, level: string): MeasureSql => ({
  sql: `quantilesDDMerge(${sketchParameters})(s.${column}_sketch)[${levels.indexOf(level) + 1}]`,
  needs: [`${column}_sketch`],
  value: "number",
});

const reported = "s.price_state IN ('priced', 'unknown_model')";

/** A total of no calls divides by zero: ClickHouse gives NaN, and JSON null. */
export const measureSql: Readonly<Record<Measure, MeasureSql>> = {
  calls: count("calls"),
  cost: money("cost"),
  estimated_cost: money("estimated_cost"),
  cache_savings: money("cache_savings"),
  wasted_cost: money("wasted_cost"),
  input_tokens: count("input_tokens"),
  cache_read_tokens: count("cache_read_tokens"),
  cache_write_tokens: count("cache_write_tokens"),
  output_tokens: count("output_tokens"),
  reasoning_tokens: count("reasoning_tokens"),
  error_rate: rateWhere("outcome", "error"),
  truncation_rate: rateWhere("outcome", "truncated"),
  abort_rate: rateWhere("outcome", "aborted"),
  retry_rate: { sql: "sumIf(s.calls, s.is_retry) / sum(s.calls)", needs: ["calls", "is_retry"], value: "number" },
  explicit_refusal_rate: rateWhere("refusal", "explicit"),
  filtered_refusal_rate: rateWhere("refusal", "filtered"),
  suspected_refusal_rate: rateWhere("refusal", "suspected"),
  cache_hit_rate: {
    sql: "sum(s.cache_read_tokens) / sum(s.input_tokens)",
    needs: ["cache_read_tokens", "input_tokens"],
    value: "number",
  },
  // Durations of `spend` include wrappers, which are no calls: only kinds with sketches hold calls alone.
  mean_duration_us: {
    sql: "sum(s.duration_us) / sum(s.calls)",
    needs: ["duration_us", "calls", "duration_sketch"],
    value: "number",
  },
  // Where the provider reported usage: tokens that nobody counted would make their time look slow.
  output_tokens_per_second: {
    sql: `sumIf(s.output_tokens, ${reported}) / sumIf(s.duration_us, ${reported}) * 1000000`,
    needs: ["output_tokens", "duration_us", "price_state"],
    value: "number",
  },
  priced_calls: callsWhere("price_state", "priced"),
  estimated_calls: callsWhere("price_state", "estimated"),
  unpriced_calls: callsWhere("price_state", "unknown_model"),
  unknown_usage_calls: callsWhere("price_state", "unknown_usage"),
  priced_coverage: {
    sql: "sumIf(s.calls, s.price_state = 'priced') / sumIf(s.calls, s.price_state != 'none')",
    needs: ["calls", "price_state"],
    value: "number",
  },
  p50_duration_us: quantile("duration", "0.5"),
  p90_duration_us: quantile("duration", "0.9"),
  p95_duration_us: quantile("duration", "0.95"),
  p99_duration_us: quantile("duration", "0.99"),
  p50_time_to_first_chunk_us: quantile("time_to_first_chunk", "0.5"),
  p90_time_to_first_chunk_us: quantile("time_to_first_chunk", "0.9"),
  p95_time_to_first_chunk_us: quantile("time_to_first_chunk", "0.95"),
  p99_time_to_first_chunk_us: quantile("time_to_first_chunk", "0.99"),
};
