import { z } from "zod";
import { limitParameter, timeParameter, timeSchema } from "./values.ts";

/** What metrics are grouped and filtered by: the dimensions of all kinds of slices. */
export const dimensions = [
  ...(["environment", "service", "release", "region", "team", "cost_centre", "feature", "prompt", "provider"] as const),
  ...(["credential", "request_model", "response_model", "operation", "service_tier", "outcome", "refusal"] as const),
  ...(["error_class", "is_retry", "price_state", "tool_name", "user_id", "conversation_id"] as const),
] as const;
export type Dimension = (typeof dimensions)[number];

/**
 * What is measured. Money is a decimal string of USD; counts and rates (0 to 1) are numbers; a rate of no calls, and a
 * quantile of nothing, is null. Aggregates are in none of them.
 */
export const measures = [
  ...(["calls", "cost", "estimated_cost", "cache_savings", "wasted_cost"] as const),
  ...(["input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens"] as const),
  ...(["error_rate", "truncation_rate", "abort_rate", "retry_rate"] as const),
  ...(["explicit_refusal_rate", "filtered_refusal_rate", "suspected_refusal_rate"] as const),
  ...(["cache_hit_rate", "mean_duration_us", "output_tokens_per_second"] as const),
  ...(["priced_calls", "estimated_calls", "unpriced_calls", "unknown_usage_calls", "priced_coverage"] as const),
  ...(["p50_duration_us", "p90_duration_us", "p95_duration_us", "p99_duration_us"] as const),
  ...(["p50_time_to_first_chunk_us", "p90_time_to_first_chunk_us"] as const),
  ...(["p95_time_to_first_chunk_us", "p99_time_to_first_chunk_us"] as const),
] as const;
export type Measure = (typeof measures)[number];

export const intervals = ["none", "minute", "hour", "day", "week", "month"] as const;
export type Interval = (typeof intervals)[number];

export const maxGroups = 1000;

/** A comma-separated list of distinct names. */
function listParameter<const Names extends readonly [string, ...string[]]>(names: Names) {
  const name = z.enum(names);
  const one = `(${names.join("|")})`;
  return z
    .string()
    .meta({ pattern: `^${one}(,${one})*$` })
    .transform((text) => text.split(","))
    .pipe(z.array(name).refine((list) => new Set(list).size === list.length, "expected each name once"));
}

/** `filter[provider]=openai`; repeated, any of the values. */
const filterValue = z.string().max(400);
const filters = Object.fromEntries(
  dimensions.map((dimension) => [
    `filter[${dimension}]`,
    z
      .union([filterValue, z.array(filterValue).max(20)])
      .transform((values): readonly string[] => (typeof values === "string" ? [values] : values))
      .optional(),
  ]),
) as unknown as Record<`filter[${Dimension}]`, z.ZodOptional<z.ZodType<readonly string[], string | string[]>>>;

const yesOrNo = z
  .enum(["true", "false"])
  .default("false")
  .transform((text) => text === "true");

/** A name of the IANA data base as it is spelt there. */
const timeZone = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/, "expected a name of the IANA time zone data base, such as Asia/Kolkata")
  .transform((name, context) => {
    try {
      return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
    } catch {
      context.addIssue("expected a name of the IANA time zone data base, such as Asia/Kolkata");
      return z.NEVER;
    }
  });

export const metricsQuerySchema = z.strictObject({
  measures: listParameter(measures).describe(
    `comma-separated; groups are ranked by the first. Of ${measures.join(", ")}`,
  ),
  group_by: listParameter(dimensions)
    .optional()
    .describe(`comma-separated; one group of all by default. Of ${dimensions.join(", ")}`),
  interval: z.enum(intervals).default("none").describe("of the points; none: totals alone. Weeks begin on Monday"),
  time_zone: timeZone.default("UTC").describe("whose hours, days, weeks and months the points are of"),
  other: yesOrNo.describe("also what all groups beyond the limit are together"),
  previous: yesOrNo.describe("also the same groups in the stretch of time of the same length before"),
  format: z.enum(["json", "csv"]).default("json"),
  from: timeParameter.optional().describe("inclusive, rounded down to the minute; a day before `to` by default"),
  to: timeParameter.optional().describe("exclusive, rounded down to the minute; the end of this minute by default"),
  limit: limitParameter(maxGroups, 50).describe("of groups: those greatest by the first measure"),
  ...filters,
});

const valuesSchema = z.record(z.string(), z.union([z.string(), z.number()]).nullable());
const pointsSchema = z
  .array(z.object({ time: timeSchema, values: valuesSchema }))
  .describe("by time; an interval without spans has none");
const seriesSchema = z.object({
  totals: valuesSchema.describe("a value for each measure over the whole range"),
  points: pointsSchema,
});

export const metricsSchema = z.object({
  from: timeSchema,
  to: timeSchema,
  interval: z.enum(intervals),
  time_zone: z.string(),
  utc_days: z
    .boolean()
    .describe("quantiles over more than seven days are of whole UTC days: range, interval and time zone were set so"),
  measures: z.array(z.enum(measures)),
  group_by: z.array(z.enum(dimensions)),
  groups: z.array(
    z.object({
      key: z.record(z.string(), z.string()).describe("a value for each dimension of group_by"),
      ...seriesSchema.shape,
      previous: seriesSchema.nullable().describe("the stretch before; null where it was not asked for"),
    }),
  ),
  truncated: z.boolean().describe("there are more groups than the limit"),
  other: seriesSchema.nullable().describe("all groups beyond the limit; null where there are none or it was not asked"),
  previous: z.object({ from: timeSchema, to: timeSchema }).nullable(),
});
export type Metrics = z.infer<typeof metricsSchema>;
