import type { Span } from "../span.ts";
import { type Json, numberOf, objectOf, objectsOf, wordOf } from "./json.ts";
import { type ProviderApi, StreamError } from "./provider-api.ts";
import { setParameters, setServiceTier } from "./request-parameters.ts";
import { first, type StreamText } from "./stream-text.ts";
import { setUsage } from "./usage.ts";

/** Chat completions, of OpenAI and of all that speak its API. */
export const openaiChat: ProviderApi = {
  name: "openai.chat",
  operation: "chat",

  request(body, span) {
    setParameters(span, body);
    setServiceTier(span, "request", body.service_tier);
    const format = objectOf(body.response_format)?.type;
    if (format === "json_schema" || format === "json_object") span.set("gen_ai.output.type", "json");
    else if (Array.isArray(body.modalities) && body.modalities.includes("audio"))
      span.set("gen_ai.output.type", "speech");
  },

  answer: setCompletion,
  stream: setStreamedCompletion,
};

/** The older text completions: the same answer, with `text` in place of a message. */
export const openaiCompletions: ProviderApi = {
  name: "openai.completions",
  operation: "text_completion",
  request: (body, span) => setParameters(span, body),
  answer: setCompletion,
  stream: setStreamedCompletion,
};

function setCompletion(body: Json, span: Span): void {
  const choices = objectsOf(body.choices);
  setHead(body, span);
  setServiceTier(span, "response", body.service_tier);
  setFinishReasons(
    span,
    choices.map((choice) => wordOf(choice.finish_reason)),
  );
  setTokens(span, usageIn(body));
  const refusal = first(refusalsOf(choices, "message"));
  if (refusal !== undefined) span.set("spanhouse.refusal", refusal);
}

/** A chunk has 300 bytes, one with many log probabilities 3,000. */
const edgeBytes = 8 * 1024;

function setStreamedCompletion(stream: StreamText, span: Span): boolean {
  const head = namedEvent(stream.head(edgeBytes)) ?? namedEvent(stream) ?? {};
  setHead(head, span);

  // Of one choice all stands at the end: how it ended, its usage behind that, what it refused before.
  const tail = stream.tail(edgeBytes);
  const atEnd = endingIn(tail);
  const isTold = atEnd.finishReasons.size > 0 && atEnd.choices === 1 && atEnd.refusal === undefined;
  const told = isTold || tail === stream ? tail : stream;
  const { finishReasons, refusal, error } = told === tail ? atEnd : endingIn(stream);
  setFinishReasons(
    span,
    [...finishReasons].sort(([a], [b]) => a - b).map(([, reason]) => reason),
  );

  const last = first(told.backward('"choices"')) ?? head;
  setServiceTier(span, "response", last.service_tier ?? head.service_tier);
  for (const event of told.backward('"usage"')) {
    const usage = usageIn(event);
    if (usage === undefined) continue;
    setTokens(span, usage);
    break;
  }
  if (refusal !== undefined) span.set("spanhouse.refusal", refusal);
  if (error !== undefined) failByEvent(error, span);
  return finishReasons.size > 0 || tail.has("data: [DONE]");
}

/** The first event that names answer and model, which Azure's first chunk does not; the last one where none does. */
const namedEvent = (stream: StreamText): Json | undefined => {
  let named: Json | undefined;
  for (const event of stream.events()) {
    named = event;
    if (wordOf(event.id) !== undefined && wordOf(event.model) !== undefined) break;
  }
  return named;
};

const endingIn = (stream: StreamText) => {
  const finishReasons = new Map<number, string>();
  let choices = 0;
  let refusal: string | undefined;
  let error: Json | undefined;
  for (const event of stream.matching(/"(?:finish_reason|refusal)": ?"|"error": ?\{/g)) {
    const told = objectsOf(event.choices);
    if (event.choices === undefined && objectOf(event.error) !== undefined) error ??= event;
    for (const choice of told) {
      const index = numberOf(choice.index) ?? 0;
      choices = Math.max(choices, index + 1);
      const reason = wordOf(choice.finish_reason);
      if (reason !== undefined) finishReasons.set(index, reason);
    }
    for (const part of refusalsOf(told, "delta")) refusal = (refusal ?? "") + part;
  }
  return { finishReasons, choices, refusal, error };
};

const setHead = (body: Json, span: Span): void => {
  span.set("gen_ai.response.id", wordOf(body.id));
  span.set("gen_ai.response.model", wordOf(body.model));
};

const setFinishReasons = (span: Span, reasons: readonly (string | undefined)[]): void => {
  const said = reasons.filter((reason) => reason !== undefined);
  if (said.length > 0) span.set("gen_ai.response.finish_reasons", said);
};

function* refusalsOf(choices: readonly Json[], field: "message" | "delta"): Iterable<string> {
  for (const choice of choices) {
    const refusal = wordOf(objectOf(choice[field])?.refusal);
    if (refusal !== undefined) yield refusal;
  }
}

/** Groq puts a stream's usage under `x_groq`. */
const usageIn = (body: Json): Json | undefined => objectOf(body.usage) ?? objectOf(objectOf(body.x_groq)?.usage);

const setTokens = (span: Span, usage: Json | undefined): void => {
  if (usage === undefined) return;
  const prompt = objectOf(usage.prompt_tokens_details);
  const completion = objectOf(usage.completion_tokens_details);
  const input = numberOf(usage.prompt_tokens);
  const output = numberOf(usage.completion_tokens);
  const reasoning = numberOf(completion?.reasoning_tokens);
  // OpenAI's completion tokens include reasoning, xAI's do not: the total tells.
  const apart = (input ?? 0) + (output ?? 0) + (reasoning ?? 0) === usage.total_tokens;
  setUsage(span, {
    input,
    output: apart && output !== undefined ? output + (reasoning ?? 0) : output,
    cacheRead: prompt?.cached_tokens ?? usage.prompt_cache_hit_tokens,
    cacheWrite: prompt?.cache_write_tokens,
    reasoning,
  });
};

/** An event that says what went wrong: `{error: {type, code, message}}`. */
export const failByEvent = (event: Json, span: Span): void => {
  const error = objectOf(event.error) ?? event;
  span.set("spanhouse.error.code", wordOf(error.code) ?? wordOf(error.type));
  span.fail(new StreamError(wordOf(error.message) ?? "the stream told of an error"));
};
