import type { Span } from "../span.ts";
import { type Json, numberOf, wordOf } from "./json.ts";

/** The parameters that OpenAI's and Anthropic's APIs spell alike; each says only those it has. */
export const setParameters = (span: Span, body: Json): void => {
  span.set("gen_ai.request.temperature", numberOf(body.temperature));
  span.set("gen_ai.request.top_p", numberOf(body.top_p));
  span.set("gen_ai.request.top_k", numberOf(body.top_k));
  span.set(
    "gen_ai.request.max_tokens",
    numberOf(body.max_completion_tokens) ?? numberOf(body.max_output_tokens) ?? numberOf(body.max_tokens),
  );
  span.set("gen_ai.request.stop_sequences", textsOf(body.stop ?? body.stop_sequences));
  span.set("gen_ai.request.seed", numberOf(body.seed));
  if (body.n !== 1) span.set("gen_ai.request.choice.count", numberOf(body.n));
  span.set("gen_ai.request.frequency_penalty", numberOf(body.frequency_penalty));
  span.set("gen_ai.request.presence_penalty", numberOf(body.presence_penalty));
  if (body.stream === true) span.set("gen_ai.request.stream", true);
};

const textsOf = (value: unknown): readonly string[] | undefined => {
  const one = wordOf(value);
  if (one !== undefined) return [one];
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string")
    ? value
    : undefined;
};

/** OpenAI's tier, unless it is left to the provider. */
export const setServiceTier = (span: Span, of: "request" | "response", value: unknown): void => {
  if (value !== "auto") span.set(`openai.${of}.service_tier`, wordOf(value));
};
