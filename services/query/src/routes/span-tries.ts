import { spanParamsSchema, spanTriesSchema } from "@spanhouse/schemas/api/spans";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { readCallsBeside, type SpanTry } from "@spanhouse/store/readers/span-tries";
import { z } from "zod";
import { unixNano } from "../time-range.ts";
import { notFound, problems, type RouteParts, type ZodFastify } from "./route.ts";

export function routeSpanTries(app: ZodFastify, { grantAccess }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/traces/:trace_id/spans/:span_id/tries",
    schema: {
      operationId: "getSpanTries",
      summary: "The tries of the call that a span is one of, with the waits between them",
      params: spanParamsSchema,
      querystring: z.strictObject({}),
      response: { 200: spanTriesSchema, ...problems, ...notFound },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      const { trace_id, span_id } = request.params;
      const tries = triesAround(await readCallsBeside(reader, trace_id, span_id), span_id);
      if (tries.length === 0) {
        throw new SpanhouseError(
          "NOT_FOUND",
          `Trace ${trace_id} of the project has no call ${span_id} that has ended.`,
        );
      }
      return {
        tries: tries.map((one, i) => ({ ...one, wait_us: i === 0 ? null : waitBetween(tries[i - 1]!, one) })),
      };
    },
  });
}

/** A first try begins a call; each that follows it with a greater number is a try of the same. */
function triesAround(calls: readonly SpanTry[], spanId: string): readonly SpanTry[] {
  const at = calls.findIndex(({ span_id }) => span_id === spanId);
  if (at === -1) return [];
  let first = at;
  while (first > 0 && calls[first]!.attempt > 1 && calls[first - 1]!.attempt < calls[first]!.attempt) first--;
  let end = at + 1;
  while (end < calls.length && calls[end]!.attempt > calls[end - 1]!.attempt) end++;
  return calls.slice(first, end);
}

/** µs; tries that overlap waited for nothing. */
function waitBetween({ end_time }: SpanTry, { start_time }: SpanTry): number {
  const wait = unixNano(start_time) - unixNano(end_time);
  return wait > 0n ? Number(wait / 1000n) : 0;
}
