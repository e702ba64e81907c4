import type { DeriveSpan } from "@spanhouse/consumer/derive/derive-span";
import { replayModel, replayModelVariables } from "@spanhouse/query/replay-model/config";
import { callOf, costOf } from "@spanhouse/query/replay-model/read-call";
import { createReplayModel, type ReplayQuestion } from "@spanhouse/query/replay-model/replay-model";
import { type ReplayModelAnswer, replayModelPaths } from "@spanhouse/schemas/api/replay-model";
import { type Environment, parseEnvironment } from "@spanhouse/schemas/environment";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";
import { connectQuery } from "../reading/query-connection.ts";
import type { Answer } from "./recorded-answer.ts";

/** An OpenAI-compatible endpoint of the operator's, which answers what the recording cannot. */
export interface ModelEndpoint {
  /** What the endpoint says to a request that a program was about to send to `url`. Never rejects. */
  answer(url: string, body: string): Promise<Answer>;
}

/**
 * The endpoint that this command's own environment names, else that of the deployment, whose key stays there. The
 * replayed program sees neither. Throws CONFIG where there is no deployment to ask.
 */
export function createModelEndpoint(environment: Environment, derive: DeriveSpan, dataDir?: string): ModelEndpoint {
  const own = replayModel(parseEnvironment(z.object(replayModelVariables), environment));
  if (own === undefined) return endpointBy(serverOf(environment, dataDir));
  const model = createReplayModel({
    config: own,
    costOf,
    readCall: async (project, request, response) => callOf(derive, project, request, response),
    period: () => "of the command",
  });
  return endpointBy((question) => model.ask("replay", question, never));
}

const never = new AbortController().signal;

type Ask = (question: ReplayQuestion) => Promise<{
  readonly status: number;
  readonly contentType: string;
  readonly response: string;
}>;

function serverOf(environment: Environment, dataDir: string | undefined): Ask {
  const connection = connected(environment, dataDir);
  return async (question) => {
    const answer = await connection.post<ReplayModelAnswer>("/v1/replay/model", question);
    return { ...answer, contentType: answer.content_type };
  };
}

function connected(environment: Environment, dataDir: string | undefined) {
  try {
    return connectQuery(environment, dataDir);
  } catch (error) {
    if (!(error instanceof SpanhouseError)) throw error;
    throw new SpanhouseError(
      "CONFIG",
      `--on-miss model: expected SPANHOUSE_REPLAY_MODEL_URL, or a deployment that has one: ${error.message}`,
    );
  }
}

function endpointBy(ask: Ask): ModelEndpoint {
  return {
    async answer(url, request) {
      const path = replayModelPaths.find((one) => new URL(url).pathname.endsWith(one));
      if (path === undefined) {
        const message = `--on-miss model: expected a request of OpenAI's API (${replayModelPaths.join(", ")}), as the endpoint speaks no other; got ${new URL(url).pathname}`;
        return { kind: "miss", message };
      }
      try {
        const { status, contentType, response } = await ask({ path, request });
        return {
          kind: "response",
          status,
          headers: { "content-type": contentType },
          chunks: [{ text: response, after_ms: 0 }],
        };
      } catch (error) {
        return { kind: "miss", message: `--on-miss model: ${error instanceof Error ? error.message : String(error)}` };
      }
    },
  };
}
