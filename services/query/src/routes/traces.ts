import { traceListQuerySchema, traceListSchema } from "@spanhouse/schemas/api/traces";
import { traceIdSchema } from "@spanhouse/schemas/api/values";
import { readAnnouncedSpans } from "@spanhouse/store/readers/announced-spans";
import { listTraces } from "@spanhouse/store/readers/trace-list";
import { z } from "zod";
import { cursorForm } from "../cursor.ts";
import { rfc3339, timeRange } from "../time-range.ts";
import { summaryOf } from "../trace-state.ts";
import { problems, type RouteParts, type ZodFastify } from "./route.ts";

/** What a place may be: within what ClickHouse's DateTime holds. */
const latest = Date.UTC(2100, 0, 1) / 1000;
const seconds = z.number().int().min(0).max(latest);
const nanos = z
  .string()
  .regex(/^\d{1,19}$/)
  .refine((text) => BigInt(text) <= BigInt(latest) * 1_000_000_000n);
/** The range and the start too, so that all pages are of the same now. */
const cursorSchema = z.object({
  from: nanos,
  to: nanos,
  started: seconds,
  newest: seconds,
  bucket: seconds,
  trace: traceIdSchema,
});

export function routeTraces(app: ZodFastify, { grantAccess, now }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/traces",
    schema: {
      operationId: "listTraces",
      summary: "Traces by the time they last ended, newest first",
      querystring: traceListQuerySchema,
      response: { 200: traceListSchema, ...problems },
    },
    async handler(request, reply) {
      const { project, reader } = await grantAccess(request, reply);
      const { from, to, limit, cursor, ...filters } = request.query;
      const form = cursorForm(cursorSchema, ["traces", project, from, to, Object.entries(filters).sort()]);
      const before = cursor === undefined ? undefined : form.decode(cursor);
      const range = before ? { from: BigInt(before.from), to: BigInt(before.to) } : timeRange(from, to, now());
      const position = before && {
        after: { bucket: before.bucket, traceId: before.trace },
        newest: before.newest,
        started: before.started,
      };

      const listed = await listTraces(reader, { filters, ...range, position, limit: limit + 1 });
      const page = listed.slice(0, limit);
      const announced = await readAnnouncedSpans(
        reader,
        page.map(({ trace }) => trace.trace_id),
      );
      const last = listed.length > limit ? page.at(-1) : undefined;
      return {
        from: rfc3339(range.from),
        to: rfc3339(range.to),
        traces: page.map(({ trace }) =>
          summaryOf(
            trace,
            announced.filter(({ trace_id }) => trace_id === trace.trace_id),
          ),
        ),
        next_cursor: last
          ? form.encode({
              from: String(range.from),
              to: String(range.to),
              started: before?.started ?? Math.floor(now() / 60_000) * 60,
              newest: before?.newest ?? page[0]!.place.bucket,
              bucket: last.place.bucket,
              trace: last.place.traceId,
            })
          : null,
      };
    },
  });
}
