import { missingToolsSchema } from "@spanhouse/schemas/api/missing-tools";
import { traceParamsSchema } from "@spanhouse/schemas/api/traces";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { type MissingTool, missingTools } from "@spanhouse/schemas/missing-tools";
import { readTraceTools } from "@spanhouse/store/readers/trace-tools";
import { readTrace } from "@spanhouse/store/readers/traces";
import { z } from "zod";
import { notFound, problems, type RouteParts, type ZodFastify } from "./route.ts";

export function routeMissingTools(app: ZodFastify, { grantAccess }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/traces/:trace_id/missing-tools",
    schema: {
      operationId: "getMissingTools",
      summary: "Tool calls of a trace that have no span, and results that never return to a model",
      params: traceParamsSchema,
      querystring: z.strictObject({}),
      response: { 200: missingToolsSchema, ...problems, ...notFound },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      const { trace_id } = request.params;
      const [trace, tools] = await Promise.all([readTrace(reader, trace_id), readTraceTools(reader, trace_id)]);
      if (trace === undefined) {
        throw new SpanhouseError("NOT_FOUND", `Trace ${trace_id} of the project has no span that has ended.`);
      }
      return { missing: missingTools(tools).map(answerOf) };
    },
  });
}

function answerOf({ spanId, toolName, toolCallId, ...of }: MissingTool) {
  return { ...of, span_id: spanId, tool_name: toolName, tool_call_id: toolCallId };
}
