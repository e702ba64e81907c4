import { suggestionSchema } from "@spanhouse/schemas/api/suggestions";
import { traceParamsSchema } from "@spanhouse/schemas/api/traces";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";
import { readDiagnosis } from "../diagnosis/read-diagnosis.ts";
import type { AskForProposals } from "../suggestions/suggestion-model.ts";
import { maxShownFindings, suggestionPrompt } from "../suggestions/suggestion-prompt.ts";
import { notFound, problem, problems, type RouteParts, type ZodFastify } from "./route.ts";

/** A model's proposals for a diagnosis: asked for one at a time, off where the operator names no model. */
export function routeSuggestion(app: ZodFastify, { grantAccess }: RouteParts, ask: AskForProposals | undefined): void {
  app.route({
    method: "POST",
    url: "/v1/traces/:trace_id/suggestion",
    schema: {
      operationId: "suggestForTrace",
      summary:
        "What a model at the operator's endpoint proposes, given the evidence of the diagnosis; generated, unchecked",
      params: traceParamsSchema,
      querystring: z.strictObject({}),
      response: {
        200: suggestionSchema,
        ...problems,
        ...notFound,
        409: problem("SUGGESTIONS_OFF"),
        502: problem("SUGGESTION_FAILED"),
      },
    },
    async handler(request, reply) {
      const { reader, gone } = await grantAccess(request, reply);
      if (ask === undefined) {
        throw new SpanhouseError(
          "SUGGESTIONS_OFF",
          "No model is configured: set SPANHOUSE_SUGGEST_URL and SPANHOUSE_SUGGEST_MODEL of the query API.",
        );
      }
      const { trace_id } = request.params;
      const { findings } = await readDiagnosis(reader, trace_id);
      const shown = Math.min(findings.length, maxShownFindings);
      const about = { trace_id, generated: true as const, findings: shown };
      // Nothing is wrong: nothing is asked, and nothing paid.
      if (shown === 0) return { ...about, model: "", proposals: [], input_tokens: 0, output_tokens: 0 };
      const { model, proposals, inputTokens, outputTokens } = await ask(suggestionPrompt(findings), gone);
      // A proposal for findings that are not there is for nothing.
      const grounded = proposals.filter((one) => one.findings.every((place) => place < shown));
      return { ...about, model, proposals: grounded, input_tokens: inputTokens, output_tokens: outputTokens };
    },
  });
}
