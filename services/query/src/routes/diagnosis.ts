import { diagnosisSchema } from "@spanhouse/schemas/api/diagnosis";
import { traceParamsSchema } from "@spanhouse/schemas/api/traces";
import { z } from "zod";
import { readDiagnosis } from "../diagnosis/read-diagnosis.ts";
import { notFound, problems, type RouteParts, type ZodFastify } from "./route.ts";

export function routeDiagnosis(app: ZodFastify, { grantAccess }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/traces/:trace_id/diagnosis",
    schema: {
      operationId: "getTraceDiagnosis",
      summary: "What is wrong with a trace, by checks that need no model, each with its evidence",
      params: traceParamsSchema,
      querystring: z.strictObject({}),
      response: { 200: diagnosisSchema, ...problems, ...notFound },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      return readDiagnosis(reader, request.params.trace_id);
    },
  });
}
