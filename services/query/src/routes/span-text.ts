import { type Buffer, isUtf8 } from "node:buffer";
import { type SpanText, spanParamsSchema, spanTexts } from "@spanhouse/schemas/api/spans";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { readSpanText } from "@spanhouse/store/readers/span";
import { z } from "zod";
import { notFound, problems, type RouteParts, type ZodFastify } from "./route.ts";

const operationIds: Readonly<Record<SpanText, string>> = {
  request: "getSpanRequest",
  response: "getSpanResponse",
  tool_arguments: "getSpanToolArguments",
  tool_result: "getSpanToolResult",
};

/** A route for each text of a span: its bytes as they were received. */
export function routeSpanTexts(app: ZodFastify, { grantAccess }: RouteParts): void {
  for (const text of spanTexts) {
    app.route({
      method: "GET",
      url: `/v1/traces/:trace_id/spans/:span_id/${text}`,
      schema: {
        operationId: operationIds[text],
        summary: `The exact bytes of the span's ${text}`,
        params: spanParamsSchema,
        querystring: z.strictObject({}),
        response: {
          200: {
            description: "The bytes; application/json where they look like JSON",
            content: {
              "application/octet-stream": { schema: z.any().meta({ type: "string", format: "binary" }) },
              "application/json": { schema: z.any() },
            },
          },
          ...problems,
          ...notFound,
        },
      },
      async handler(request, reply) {
        const { reader } = await grantAccess(request, reply);
        const { trace_id, span_id } = request.params;
        const bytes = await readSpanText(reader, trace_id, span_id, text);
        if (bytes === undefined || bytes.length === 0) {
          throw new SpanhouseError("NOT_FOUND", `Span ${span_id} of trace ${trace_id}: no ${text} is stored.`);
        }
        return reply
          .header("content-type", looksLikeJson(bytes) ? "application/json" : "application/octet-stream")
          .send(bytes);
      },
    });
  }
}

/** Good enough to choose a viewer; browsers are told not to guess further. */
function looksLikeJson(bytes: Buffer): boolean {
  return (bytes[0] === 0x7b || bytes[0] === 0x5b) && isUtf8(bytes);
}
