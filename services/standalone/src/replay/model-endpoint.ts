import type { Environment } from "@spanhouse/schemas/environment";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { type PicoDollars, parseDollars } from "@spanhouse/schemas/money";
import { z } from "zod";
import type { Answer } from "./recorded-answer.ts";

/** An OpenAI-compatible endpoint of the operator's, which answers what the recording cannot. */
export interface ModelEndpointConfig {
  /** With its version: `https://api.openai.com/v1`. */
  readonly url: string;
  readonly apiKey: string;
  /** Asked in place of the model that the program asks for; undefined: that one. */
  readonly model: string | undefined;
  /** Answers are asked for until they have cost this. */
  readonly budget: PicoDollars;
}

const variables = z.object({
  SPANHOUSE_REPLAY_MODEL_URL: z.url({ protocol: /^https?$/, error: "expected an http or https address" }),
  SPANHOUSE_REPLAY_MODEL_KEY: z.string().default(""),
  SPANHOUSE_REPLAY_MODEL: z.string().optional(),
  SPANHOUSE_REPLAY_BUDGET: z
    .string()
    .regex(/^\d+(\.\d+)?$/, "expected dollars, such as 0.50")
    .default("1"),
});

/** Throws CONFIG with the variable that is missing or cannot be meant. */
export function modelEndpointConfig(environment: Environment): ModelEndpointConfig {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = variables.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SpanhouseError("CONFIG", `${issue?.path.join(".")}: ${issue?.message}; --on-miss model asks there`);
  }
  const { SPANHOUSE_REPLAY_MODEL_URL: url, SPANHOUSE_REPLAY_MODEL_KEY: apiKey, ...rest } = parsed.data;
  return {
    url: url.replace(/\/+$/, ""),
    apiKey,
    model: rest.SPANHOUSE_REPLAY_MODEL,
    budget: parseDollars(rest.SPANHOUSE_REPLAY_BUDGET),
  };
}

export interface ModelEndpoint {
  /** What the endpoint says to a request that a program was about to send to `url`. Never rejects. */
  answer(url: string, body: string): Promise<Answer>;
}

/** What OpenAI's API has at the end of an address. */
const paths = ["/chat/completions", "/responses", "/embeddings", "/completions", "/moderations"];
const answerTimeoutMs = 120_000;

/** What an answer cost, pico-dollars; undefined where it says no usage, or of a model without a price. */
export type PriceAnswer = (request: string, response: string) => PicoDollars | undefined;

/**
 * Asks the operator's endpoint with the operator's key, which the replayed program never sees. The budget is checked
 * before each request, so that the last one may go beyond it; an answer without a price ends the asking too.
 */
export function createModelEndpoint(config: ModelEndpointConfig, priceOf: PriceAnswer): ModelEndpoint {
  let spent: PicoDollars = 0n;
  let unpriced = 0;
  return {
    async answer(url, body) {
      const path = paths.find((one) => new URL(url).pathname.endsWith(one));
      if (path === undefined) {
        const message = `--on-miss model: expected a request of OpenAI's API (${paths.join(", ")}), as the endpoint speaks no other; got ${new URL(url).pathname}`;
        return { kind: "miss", message };
      }
      if (spent >= config.budget) {
        return { kind: "miss", message: `--on-miss model: the budget of SPANHOUSE_REPLAY_BUDGET is used up` };
      }
      if (unpriced >= mostUnpriced) {
        return {
          kind: "miss",
          message: `--on-miss model: ${unpriced} answers had no price, so that no budget can be kept`,
        };
      }
      try {
        const asked = config.model === undefined ? body : withModel(body, config.model);
        const response = await fetch(`${config.url}${path}`, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            ...(config.apiKey !== "" && { authorization: `Bearer ${config.apiKey}` }),
          },
          body: asked,
          signal: AbortSignal.timeout(answerTimeoutMs),
        });
        const text = await response.text();
        const cost = response.ok ? priceOf(asked, text) : 0n;
        if (cost === undefined) unpriced++;
        else spent += cost;
        return {
          kind: "response",
          status: response.status,
          headers: { "content-type": response.headers.get("content-type") ?? "application/json" },
          chunks: [{ text, after_ms: 0 }],
        };
      } catch (error) {
        const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
        return { kind: "miss", message: `--on-miss model: ${config.url} did not answer: ${String(error)}${cause}` };
      }
    },
  };
}

/** Of a model of one's own, which no list has: so many answers are let through. */
const mostUnpriced = 100;

function withModel(body: string, model: string): string {
  return JSON.stringify({ ...(JSON.parse(body) as object), model });
}
