import { traceDetailSchema, traceParamsSchema, traceQuerySchema } from "@spanhouse/schemas/api/traces";
import { spanIdSchema } from "@spanhouse/schemas/api/values";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { cursorForm } from "../cursor.ts";
import { readTracePage } from "../trace-view.ts";
import { notFound, problems, type RouteParts, type ZodFastify } from "./route.ts";

export function routeTrace(app: ZodFastify, { grantAccess }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/traces/:trace_id",
    schema: {
      operationId: "getTrace",
      summary: "A trace with its tree, in pages",
      params: traceParamsSchema,
      querystring: traceQuerySchema,
      response: { 200: traceDetailSchema, ...problems, ...notFound },
    },
    async handler(request, reply) {
      const { project, reader } = await grantAccess(request, reply);
      const { trace_id } = request.params;
      const { limit, cursor } = request.query;
      const form = cursorForm(spanIdSchema, ["trace", project, trace_id]);
      const found = await readTracePage(reader, trace_id, cursor && form.decode(cursor), limit);
      if (found === undefined) throw new SpanhouseError("NOT_FOUND", `The project has no trace ${trace_id}.`);
      const { lastSpanId, ...page } = found;
      return { ...page, next_cursor: lastSpanId === undefined ? null : form.encode(lastSpanId) };
    },
  });
}
