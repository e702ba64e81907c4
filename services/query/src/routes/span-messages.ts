import { spanMessagesSchema } from "@spanhouse/schemas/api/messages";
import { spanParamsSchema } from "@spanhouse/schemas/api/spans";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { renderMessages } from "@spanhouse/schemas/messages/render-messages";
import { readSpan } from "@spanhouse/store/readers/span";
import { z } from "zod";
import { notFound, problems, type RouteParts, type ZodFastify } from "./route.ts";

export function routeSpanMessages(app: ZodFastify, { grantAccess }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/traces/:trace_id/spans/:span_id/messages",
    schema: {
      operationId: "getSpanMessages",
      summary: "What was said, as messages of one shape whatever the span carried",
      params: spanParamsSchema,
      querystring: z.strictObject({}),
      response: { 200: spanMessagesSchema, ...problems, ...notFound },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      const { trace_id, span_id } = request.params;
      const span = await readSpan(reader, trace_id, span_id);
      if (span === undefined) {
        throw new SpanhouseError(
          "NOT_FOUND",
          `Trace ${trace_id} of the project has no span ${span_id} that has ended.`,
        );
      }
      return { trace_id, span_id, fidelity: span.fidelity, ...renderMessages(span) };
    },
  });
}
