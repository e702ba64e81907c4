import { type PicoDollars, parseDollars } from "@spanhouse/schemas/money";
import { z } from "zod";

/** The operator's own endpoint, which speaks OpenAI's API and answers what a recording cannot. */
export interface ReplayModelConfig {
  /** With its version: `https://api.openai.com/v1`. */
  readonly url: string;
  /** Empty: none is sent. */
  readonly apiKey: string;
  /** Asked in place of the model that a request names; undefined: that one. */
  readonly model: string | undefined;
  /** Answers are asked for until they have cost this: of a server in a day for each project, of a command in its life. */
  readonly budget: PicoDollars;
}

/** Of every process that serves the query API, and of the command that replays. */
export const replayModelVariables = {
  SPANHOUSE_REPLAY_MODEL_URL: z.url({ protocol: /^https?$/, error: "expected an http or https address" }).optional(),
  SPANHOUSE_REPLAY_MODEL_KEY: z.string().default(""),
  SPANHOUSE_REPLAY_MODEL: z.string().optional(),
  SPANHOUSE_REPLAY_BUDGET: z
    .string()
    .regex(/^\d+(\.\d+)?$/, "expected dollars, such as 0.50")
    .default("1"),
};

/** Undefined: there is none. */
export function replayModel({
  SPANHOUSE_REPLAY_MODEL_URL: url,
  SPANHOUSE_REPLAY_MODEL_KEY: apiKey,
  SPANHOUSE_REPLAY_MODEL: model,
  SPANHOUSE_REPLAY_BUDGET: budget,
}: {
  readonly SPANHOUSE_REPLAY_MODEL_URL?: string | undefined;
  readonly SPANHOUSE_REPLAY_MODEL_KEY: string;
  readonly SPANHOUSE_REPLAY_MODEL?: string | undefined;
  readonly SPANHOUSE_REPLAY_BUDGET: string;
}): ReplayModelConfig | undefined {
  if (url === undefined) return undefined;
  return { url: url.replace(/\/+$/, ""), apiKey, model, budget: parseDollars(budget) };
}
