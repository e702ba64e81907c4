import { spanDetailSchema, spanParamsSchema } from "@spanhouse/schemas/api/spans";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { readSpan } from "@spanhouse/store/readers/span";
import { z } from "zod";
import { notFound, problems, type RouteParts, type ZodFastify } from "./route.ts";

export function routeSpan(app: ZodFastify, { grantAccess }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/traces/:trace_id/spans/:span_id",
    schema: {
      operationId: "getSpan",
      summary: "Everything of a span that has ended",
      params: spanParamsSchema,
      querystring: z.strictObject({}),
      response: { 200: spanDetailSchema, ...problems, ...notFound },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      const { trace_id, span_id } = request.params;
      const span = await readSpan(reader, trace_id, span_id);
      if (span) return span;
      throw new SpanhouseError("NOT_FOUND", `Trace ${trace_id} of the project has no span ${span_id} that has ended.`);
    },
  });
}
