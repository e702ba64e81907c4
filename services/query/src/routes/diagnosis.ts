import { diagnosisSchema } from "@spanhouse/schemas/api/diagnosis";
import { traceParamsSchema } from "@spanhouse/schemas/api/traces";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { readAnnouncedSpans } from "@spanhouse/store/readers/announced-spans";
import { readTrace } from "@spanhouse/store/readers/traces";
import { z } from "zod";
import { diagnose } from "../diagnosis/diagnose.ts";
import { readDiagnosedSpans } from "../diagnosis/read-diagnosed-spans.ts";
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
      const { trace_id } = request.params;
      const [trace, open, { total, spans }] = await Promise.all([
        readTrace(reader, trace_id),
        readAnnouncedSpans(reader, [trace_id]),
        readDiagnosedSpans(reader, trace_id),
      ]);
      if (trace === undefined) {
        throw new SpanhouseError("NOT_FOUND", `Trace ${trace_id} of the project has no span that has ended.`);
      }
      const whole = spans.length === total && open.length === 0 && trace.missing_parents === 0;
      return { trace_id, findings: diagnose(spans, { whole }), spans: total, examined: spans.length };
    },
  });
}
