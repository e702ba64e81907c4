import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answered, api } from "../api/client.ts";
import type { operations } from "../api/openapi.d.ts";
import { ProblemError } from "../api/problem.ts";
import { intervalFor, type TimeRange } from "../time/time-range.ts";

export type Metrics = operations["getMetrics"]["responses"][200]["content"]["application/json"];
export type MetricsQuery = NonNullable<operations["getMetrics"]["parameters"]["query"]>;
export type Group = Metrics["groups"][number];

/** Hours of zones that are off by a half are those of the person who looks. */
const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A question of a range; what stood there before stays until the answer is here. */
export function metricsQuery({ from, to }: TimeRange, question: Omit<MetricsQuery, "from" | "to" | "time_zone">) {
  const query = { ...question, from, to, time_zone: timeZone } as MetricsQuery;
  return queryOptions({
    queryKey: ["metrics", query],
    queryFn: async ({ signal }): Promise<Metrics> => {
      const answer = await answered(api.GET("/v1/metrics", { params: { query }, signal }));
      // The other form is CSV, which is not asked for here.
      if (typeof answer === "string") throw new ProblemError("UNREADABLE", 200, "The answer is not JSON.");
      return answer;
    },
    placeholderData: keepPreviousData,
  });
}

const spend =
  "cost,calls,error_rate,explicit_refusal_rate,filtered_refusal_rate,suspected_refusal_rate,wasted_cost,cache_savings,cache_hit_rate,unpriced_calls,unknown_usage_calls,estimated_cost,input_tokens,output_tokens";

export const spendQuery = (range: TimeRange) =>
  metricsQuery(range, { measures: spend, interval: intervalFor(range), previous: "true" });

export const costByModelQuery = (range: TimeRange) =>
  metricsQuery(range, {
    measures: "cost",
    group_by: "response_model",
    interval: intervalFor(range),
    limit: 5,
    other: "true",
  });

export const latencyQuery = (range: TimeRange) =>
  metricsQuery(range, { measures: "p95_duration_us,p50_duration_us", interval: intervalFor(range), previous: "true" });

/** Where a change may come from. */
export const moverDimensions = ["response_model", "feature", "service", "prompt", "error_class"] as const;

export const moversQuery = (range: TimeRange, dimension: (typeof moverDimensions)[number]) =>
  metricsQuery(range, { measures: "cost,calls,error_rate", group_by: dimension, previous: "true", limit: 50 });
