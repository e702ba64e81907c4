import { Readable } from "node:stream";
import { traceParamsSchema } from "@spanhouse/schemas/api/traces";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { encodeJson } from "@spanhouse/schemas/otlp/json";
import { readSpans } from "@spanhouse/store/readers/span";
import { findTrace } from "@spanhouse/store/readers/trace-place";
import { readSpanPlaces } from "@spanhouse/store/readers/trace-spans";
import { z } from "zod";
import { otlpSpan } from "../otlp-span.ts";
import { notFound, problems, type RouteParts, type ZodFastify } from "./route.ts";

/** Of one query: their texts may be long. */
const spansAtOnce = 100;

export function routeTraceExport(app: ZodFastify, { grantAccess }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/traces/:trace_id/export",
    schema: {
      operationId: "exportTrace",
      summary: "The trace as OTLP JSON, which a gateway takes back",
      params: traceParamsSchema,
      querystring: z.strictObject({}),
      response: {
        200: {
          description: "An ExportTraceServiceRequest, as a stream: of spans that have ended, by start",
          content: { "application/json": { schema: z.any() } },
        },
        ...problems,
        ...notFound,
      },
    },
    async handler(request, reply) {
      const { reader, nextReader } = await grantAccess(request, reply);
      const { trace_id } = request.params;
      const place = await findTrace(reader, trace_id);
      const places = place ? (await readSpanPlaces(reader, place)).places : [];
      if (places.length === 0) {
        throw new SpanhouseError("NOT_FOUND", `The project has no trace ${trace_id} with a span that has ended.`);
      }
      async function* pieces() {
        yield '{"resourceSpans":[';
        for (let from = 0; from < places.length; from += spansAtOnce) {
          const ids = places.slice(from, from + spansAtOnce).map(({ spanId }) => spanId);
          const spans = await readSpans(nextReader(), trace_id, ids);
          const order = new Map(ids.map((id, i) => [id, i]));
          const sorted = spans.toSorted((a, b) => order.get(a.span_id)! - order.get(b.span_id)!);
          const { resourceSpans } = JSON.parse(encodeJson({ resourceSpans: sorted.map(otlpSpan) })) as {
            resourceSpans: unknown[];
          };
          yield (from === 0 ? "" : ",") + resourceSpans.map((one) => JSON.stringify(one)).join(",");
        }
        yield "]}";
      }
      return reply
        .header("content-type", "application/json; charset=utf-8")
        .header("content-disposition", `attachment; filename="${trace_id}.otlp.json"`)
        .send(Readable.from(pieces(), { objectMode: false }));
    },
  });
}
