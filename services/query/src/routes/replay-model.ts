import {
  largestReplayRequest,
  replayAnswerSchema,
  replayModelSchema,
  replayQuestionSchema,
} from "@spanhouse/schemas/api/replay-model";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { renderMessages } from "@spanhouse/schemas/messages/render-messages";
import { formatDollars } from "@spanhouse/schemas/money";
import { z } from "zod";
import type { ReplayModel } from "../replay-model/replay-model.ts";
import { problem, problems, type RouteParts, type ZodFastify } from "./route.ts";

/** The operator's endpoint for calls that were not recorded: edited in the viewer, or met by `spanhouse replay`. */
export function routeReplayModel(
  app: ZodFastify,
  { grantAccess }: RouteParts,
  replayed: ReplayModel | undefined,
): void {
  app.route({
    method: "GET",
    url: "/v1/replay/model",
    schema: {
      operationId: "getReplayModel",
      summary: "Whether the operator has an endpoint that answers edited calls, and what is left of its budget",
      querystring: z.strictObject({}),
      response: { 200: replayModelSchema, ...problems },
    },
    async handler(request, reply) {
      const { project } = await grantAccess(request, reply);
      return {
        configured: replayed !== undefined,
        model: replayed?.model ?? null,
        spent: formatDollars(replayed?.spent(project) ?? 0n),
        budget: formatDollars(replayed?.budget ?? 0n),
      };
    },
  });

  app.route({
    method: "POST",
    url: "/v1/replay/model",
    // JSON in a text: quotes and breaks take two characters.
    bodyLimit: 2 * largestReplayRequest,
    schema: {
      operationId: "askReplayModel",
      summary: "What the operator's endpoint answers to a call that was not recorded, within its budget",
      querystring: z.strictObject({}),
      body: replayQuestionSchema,
      response: {
        200: replayAnswerSchema,
        ...problems,
        409: problem("REPLAY_MODEL_OFF"),
        413: problem("BODY_TOO_LARGE"),
        429: problem("REPLAY_BUDGET"),
        502: problem("REPLAY_MODEL_FAILED"),
      },
    },
    async handler(request, reply) {
      const { project, gone } = await grantAccess(request, reply);
      if (replayed === undefined) {
        throw new SpanhouseError(
          "REPLAY_MODEL_OFF",
          "No endpoint is configured: set SPANHOUSE_REPLAY_MODEL_URL and SPANHOUSE_REPLAY_MODEL_KEY of the query API.",
        );
      }
      const { status, contentType, response, call, cost, durationUs } = await replayed.ask(project, request.body, gone);
      const told = call?.usage_state === "exact" ? call : undefined;
      return {
        ...{ status, content_type: contentType, response },
        output: call === undefined ? [] : renderMessages(call).output,
        model: call?.response_model || null,
        input_tokens: told?.input_tokens ?? null,
        output_tokens: told?.output_tokens ?? null,
        cost: cost === undefined ? null : formatDollars(cost),
        duration_us: durationUs,
        spent: formatDollars(replayed.spent(project)),
        budget: formatDollars(replayed.budget),
      };
    },
  });
}
