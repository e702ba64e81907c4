import { scoreMetricsQuerySchema, scoreMetricsSchema, traceScoresSchema } from "@spanhouse/schemas/api/scores";
import { traceParamsSchema } from "@spanhouse/schemas/api/traces";
import { readScoreMetrics } from "@spanhouse/store/readers/score-metrics";
import { readTraceScores } from "@spanhouse/store/readers/trace-scores";
import { z } from "zod";
import { rfc3339, timeRange } from "../time-range.ts";
import { problems, type RouteParts, type ZodFastify } from "./route.ts";

/** Scores of one trace, and scores as a metric. They are given to the gateway. */
export function routeScores(app: ZodFastify, { grantAccess, now }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/traces/:trace_id/scores",
    schema: {
      operationId: "listTraceScores",
      summary: "Scores of a trace and its spans, by time; also of a trace that has not come yet",
      params: traceParamsSchema,
      querystring: z.strictObject({}),
      response: { 200: traceScoresSchema, ...problems },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      return { scores: await readTraceScores(reader, request.params.trace_id) };
    },
  });

  app.route({
    method: "GET",
    url: "/v1/scores",
    schema: {
      operationId: "getScores",
      summary: "Scores by name and time: count, average, share by label",
      querystring: scoreMetricsQuerySchema,
      response: { 200: scoreMetricsSchema, ...problems },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      const { name, source, interval, limit } = request.query;
      const { from, to } = timeRange(request.query.from, request.query.to, now());
      const scores = await readScoreMetrics(reader, { name, source, interval, from, to, limit });
      return { from: rfc3339(from), to: rfc3339(to), interval, scores };
    },
  });
}
