import { Buffer } from "node:buffer";
import { type SpanTable, spanTableQuerySchema, spanTableSchema } from "@spanhouse/schemas/api/spans";
import { traceDetailSchema, traceParamsSchema, traceQuerySchema } from "@spanhouse/schemas/api/traces";
import { spanIdSchema } from "@spanhouse/schemas/api/values";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { cursorForm } from "../cursor.ts";
import { spanTableOf } from "../span-table.ts";
import { readLayoutPage, traceDetailOf } from "../trace-view.ts";
import { notFound, problems, type RouteParts, type ZodFastify } from "./route.ts";

/** The two forms of a trace's tree: nodes to read, and a table by columns for traces of any size. */
export function routeTrace(app: ZodFastify, { grantAccess, layouts }: RouteParts): void {
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
      const page = await readLayoutPage({ reader, project, layouts }, trace_id, cursor && form.decode(cursor), limit);
      if (page === undefined) throw noTrace(trace_id);
      const { lastSpanId } = page;
      return { ...traceDetailOf(page), next_cursor: lastSpanId === undefined ? null : form.encode(lastSpanId) };
    },
  });

  app.route({
    method: "GET",
    url: "/v1/traces/:trace_id/spans",
    schema: {
      operationId: "getTraceSpans",
      summary: "The spans of a trace as a table by columns, in pages",
      params: traceParamsSchema,
      querystring: spanTableQuerySchema,
      response: { 200: spanTableSchema, ...problems, ...notFound },
    },
    async handler(request, reply) {
      const { project, reader } = await grantAccess(request, reply);
      const { trace_id } = request.params;
      const { limit, cursor } = request.query;
      const form = cursorForm(spanIdSchema, ["trace", project, trace_id]);
      const page = await readLayoutPage({ reader, project, layouts }, trace_id, cursor && form.decode(cursor), limit);
      if (page === undefined) throw noTrace(trace_id);
      const { lastSpanId } = page;
      const table: SpanTable = {
        ...spanTableOf(page),
        next_cursor: lastSpanId === undefined ? null : form.encode(lastSpanId),
      };
      // As bytes: to hold half a million numbers against the schema would take longer than to read them. Tests do.
      return reply.type("application/json; charset=utf-8").send(Buffer.from(JSON.stringify(table)) as never);
    },
  });
}

function noTrace(traceId: string): SpanhouseError {
  return new SpanhouseError("NOT_FOUND", `The project has no trace ${traceId}.`);
}
