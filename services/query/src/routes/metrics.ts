import { dimensions, type Metrics, measures, metricsQuerySchema, metricsSchema } from "@spanhouse/schemas/api/metrics";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { isQuantile } from "@spanhouse/store/readers/metric-measures";
import { type MetricsQuestion, type MetricsSeries, readMetrics, sliceKindFor } from "@spanhouse/store/readers/metrics";
import { z } from "zod";
import { metricsCsv } from "../metrics-csv.ts";
import { rfc3339, timeRange } from "../time-range.ts";
import { problems, type RouteParts, type ZodFastify } from "./route.ts";

export function routeMetrics(app: ZodFastify, { grantAccess, now }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/metrics",
    schema: {
      operationId: "getMetrics",
      summary: "Money, tokens, calls, rates and latency, by dimensions and time",
      querystring: metricsQuerySchema,
      response: {
        200: {
          description: "The measures; as CSV a line for each point, or for each group without an interval",
          content: {
            "application/json": { schema: metricsSchema },
            "text/csv": { schema: z.any().meta({ type: "string" }) },
          },
        },
        ...problems,
      },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      const { query } = request;
      const [first, ...others] = query.measures;
      const time = timeOf(query, now());
      const question: MetricsQuestion = {
        measures: [first!, ...others],
        groupBy: query.group_by ?? [],
        filters: new Map(
          dimensions.flatMap((dimension) => {
            const values = query[`filter[${dimension}]`];
            return values === undefined ? [] : [[dimension, values] as const];
          }),
        ),
        ...{ interval: time.interval, timeZone: time.timeZone, from: time.from, to: time.to },
        ...{ limit: query.limit, other: query.other, previous: query.previous },
      };
      const kind = sliceKindFor(question);
      if (kind === undefined) throw unanswerable(question);
      const answer = await readMetrics(reader, kind, question);
      const { from, to } = time;
      const metrics: Metrics = {
        ...{ from: atSecond(from), to: atSecond(to), interval: time.interval, time_zone: time.timeZone },
        ...{ utc_days: time.utcDays, measures: query.measures, group_by: query.group_by ?? [] },
        groups: answer.groups.map(({ key, previous, ...series }) => ({
          ...{ key: { ...key }, previous: previous ? seriesOf(previous) : null },
          ...seriesOf(series),
        })),
        truncated: answer.truncated,
        other: answer.other ? seriesOf(answer.other) : null,
        previous: query.previous ? { from: atSecond(from - (to - from)), to: atSecond(from) } : null,
      };
      if (query.format === "json") return metrics;
      return reply.header("content-type", "text/csv; charset=utf-8").send(metricsCsv(metrics));
    },
  });
}

function seriesOf({ totals, points }: MetricsSeries) {
  return { totals: { ...totals }, points: points.map(({ time, values }) => ({ time, values: { ...values } })) };
}

function atSecond(time: number): string {
  return rfc3339(BigInt(time) * 1_000_000_000n);
}

const day = 86_400;

type Query = z.infer<typeof metricsQuerySchema>;

/** Sketches are merged by the day where there would be too many of them: then everything is of whole UTC days. */
function timeOf(query: Query, nowMs: number) {
  const { from, to } = wholeMinutes(query.from, query.to, nowMs);
  const { interval, time_zone: timeZone } = query;
  const utcDays = to - from > 7 * day && query.measures.some(isQuantile);
  if (!utcDays) return { from, to, interval, timeZone, utcDays };
  return {
    from: Math.floor(from / day) * day,
    to: Math.ceil(to / day) * day,
    interval: interval === "minute" || interval === "hour" ? ("day" as const) : interval,
    ...{ timeZone: "UTC", utcDays },
  };
}

/** Slices are of whole minutes: both ends are rounded down, so that ranges that adjoin still do. */
function wholeMinutes(from: string | undefined, to: string | undefined, nowMs: number): { from: number; to: number } {
  const range = timeRange(from, to, nowMs);
  const minute = (time: bigint) => Number(time / 60_000_000_000n) * 60;
  return { from: minute(range.from), to: minute(range.to) };
}

function unanswerable(question: MetricsQuestion): SpanhouseError {
  const alone = (part: Partial<MetricsQuestion>) =>
    sliceKindFor({ measures: question.measures, groupBy: [], filters: new Map(), ...part }) !== undefined;
  const named = [...new Set([...question.groupBy, ...question.filters.keys()])];
  const measurable = named.map((dimension) => {
    const possible = measures.filter((measure) => alone({ measures: [measure], groupBy: [dimension] }));
    return `${dimension} with ${possible.join(", ")}`;
  });
  return new SpanhouseError(
    "INVALID_PARAMETER",
    `measures: ${question.measures.join(", ")} are not kept together${
      named.length === 0 ? "; ask for quantiles apart from money and tokens" : `; there is ${measurable.join("; ")}`
    }`,
  );
}
