import {
  traceCountQuerySchema,
  traceCountSchema,
  traceFacetsQuerySchema,
  traceFacetsSchema,
  traceHistogramQuerySchema,
  traceHistogramSchema,
} from "@spanhouse/schemas/api/traces";
import { countTraces, readFacet, readTraceHistogram } from "@spanhouse/store/readers/trace-counts";
import { rfc3339, timeRange } from "../time-range.ts";
import { problems, type RouteParts, type ZodFastify } from "./route.ts";

const minuteNanos = 60_000_000_000n;

/** How many traces pass a filter: in all, by the values they have, and over time. */
export function routeTraceCounts(app: ZodFastify, { grantAccess, now }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/traces/count",
    schema: {
      operationId: "countTraces",
      summary: "How many traces there are, up to a bound",
      querystring: traceCountQuerySchema,
      response: { 200: traceCountSchema, ...problems },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      const { from, to, bound, ...filters } = request.query;
      const count = await countTraces(reader, { filters, ...timeRange(from, to, now()) }, bound + 1);
      return { count: Math.min(count, bound), bound, bounded: count > bound };
    },
  });

  app.route({
    method: "GET",
    url: "/v1/traces/facets",
    schema: {
      operationId: "getTraceFacets",
      summary: "The values that most traces have",
      querystring: traceFacetsQuerySchema,
      response: { 200: traceFacetsSchema, ...problems },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      const { from, to, facets, containing, limit, ...filters } = request.query;
      const question = { filters, ...timeRange(from, to, now()) };
      return {
        facets: await Promise.all(
          facets.map(async (facet) => {
            const { values, truncated } = await readFacet(reader, question, facet, containing, limit);
            return { facet, values: [...values], truncated };
          }),
        ),
      };
    },
  });

  app.route({
    method: "GET",
    url: "/v1/traces/histogram",
    schema: {
      operationId: "getTraceHistogram",
      summary: "Traces over the time in which they last ended",
      querystring: traceHistogramQuerySchema,
      response: { 200: traceHistogramSchema, ...problems },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      const { from, to, bars, ...filters } = request.query;
      const range = timeRange(from, to, now());
      const minutes = Number((range.to - range.from + minuteNanos - 1n) / minuteNanos);
      const step = stepOf(minutes / bars);
      return {
        from: rfc3339(range.from),
        to: rfc3339(range.to),
        step_seconds: step * 60,
        bars: [...(await readTraceHistogram(reader, { filters, ...range }, step))],
      };
    },
  });
}

/** Steps that people read on an axis, minutes; beyond them whole days. */
const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440] as const;

/** The least step that is at least so long: fewer bars than asked for, never more (but for a first one that is cut). */
function stepOf(minutes: number): number {
  return steps.find((step) => step >= minutes) ?? Math.ceil(minutes / 1440) * 1440;
}
