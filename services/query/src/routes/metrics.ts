import { dimensions, measures, metricsQuerySchema, metricsSchema } from "@spanhouse/schemas/api/metrics";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { type MetricsQuestion, readMetrics, sliceKindFor } from "@spanhouse/store/readers/metrics";
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
      response: { 200: metricsSchema, ...problems },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      const { query } = request;
      const [first, ...others] = query.measures;
      const { from, to } = wholeMinutes(query.from, query.to, now());
      const question: MetricsQuestion = {
        measures: [first!, ...others],
        groupBy: query.group_by ?? [],
        filters: new Map(
          dimensions.flatMap((dimension) => {
            const values = query[`filter[${dimension}]`];
            return values === undefined ? [] : [[dimension, values] as const];
          }),
        ),
        ...{ interval: query.interval, from, to, limit: query.limit },
      };
      const kind = sliceKindFor(question);
      if (kind === undefined) throw unanswerable(question);
      const { groups, truncated } = await readMetrics(reader, kind, question);
      return {
        from: rfc3339(BigInt(from) * 1_000_000_000n),
        to: rfc3339(BigInt(to) * 1_000_000_000n),
        ...{ interval: query.interval, measures: query.measures, group_by: query.group_by ?? [] },
        groups: groups.map(({ key, totals, points }) => ({ key, totals, points: [...points] })),
        truncated,
      };
    },
  });
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
