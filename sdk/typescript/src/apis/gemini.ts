import type { Span } from "../span.ts";
import { type Json, numberOf, objectOf, objectsOf, wordOf } from "./json.ts";
import { failByEvent } from "./openai-chat.ts";
import type { ProviderApi } from "./provider-api.ts";
import { first } from "./stream-text.ts";
import { setUsage } from "./usage.ts";

/** `generateContent` and its stream, of Gemini and Vertex. https://ai.google.dev/api/generate-content */
export const geminiContent: ProviderApi = {
  name: "gemini.generateContent",
  operation: "generate_content",

  request(body, span) {
    const config = objectOf(body.generationConfig) ?? {};
    span.set("gen_ai.request.temperature", numberOf(config.temperature));
    span.set("gen_ai.request.top_p", numberOf(config.topP));
    span.set("gen_ai.request.top_k", numberOf(config.topK));
    span.set("gen_ai.request.max_tokens", numberOf(config.maxOutputTokens));
    span.set("gen_ai.request.seed", numberOf(config.seed));
    span.set("gen_ai.request.frequency_penalty", numberOf(config.frequencyPenalty));
    span.set("gen_ai.request.presence_penalty", numberOf(config.presencePenalty));
    if (config.candidateCount !== 1) span.set("gen_ai.request.choice.count", numberOf(config.candidateCount));
    const stops = config.stopSequences;
    if (Array.isArray(stops) && stops.length > 0) span.set("gen_ai.request.stop_sequences", stops.map(String));
    if (config.responseMimeType === "application/json") span.set("gen_ai.output.type", "json");
  },

  answer(body, span) {
    setHead(body, span);
    setEnding(body, span);
  },

  stream(stream, span) {
    setHead(first(stream.events()) ?? {}, span);
    const last = first(stream.backward('"usageMetadata"')) ?? {};
    const ending = first(stream.backward('"finishReason"')) ?? first(stream.backward('"blockReason"'));
    setEnding({ ...ending, usageMetadata: last.usageMetadata }, span);
    const error = first(stream.matching(/"error": ?\{/g));
    if (error !== undefined) failByEvent(error, span);
    return ending !== undefined;
  },
};

/** `embedContent` and `batchEmbedContents`. */
export const geminiEmbeddings: ProviderApi = {
  name: "gemini.embedContent",
  operation: "embeddings",
  request: () => undefined,
  answer: setEnding,
  stream: () => true,
};

/** `predict`: images. It tells no usage. */
export const geminiImages: ProviderApi = {
  name: "gemini.predict",
  operation: "generate_content",
  request(body, span) {
    span.set("gen_ai.output.type", "image");
    const count = numberOf(objectOf(body.parameters)?.sampleCount);
    if (count !== 1) span.set("gen_ai.request.choice.count", count);
  },
  answer: setEnding,
  stream: () => true,
};

const setHead = (body: Json, span: Span): void => {
  span.set("gen_ai.response.id", wordOf(body.responseId));
  span.set("gen_ai.response.model", wordOf(body.modelVersion));
};

function setEnding(body: Json, span: Span): void {
  const blocked = wordOf(objectOf(body.promptFeedback)?.blockReason);
  const reasons = objectsOf(body.candidates).flatMap(({ finishReason }) => wordOf(finishReason) ?? []);
  if (blocked !== undefined) reasons.push(blocked);
  if (reasons.length > 0) span.set("gen_ai.response.finish_reasons", reasons);
  const usage = objectOf(body.usageMetadata);
  if (usage === undefined) return;
  // Thoughts and what tools brought in are counted beside the others.
  const reasoning = numberOf(usage.thoughtsTokenCount);
  setUsage(span, {
    input: sum(usage.promptTokenCount, usage.toolUsePromptTokenCount),
    output: sum(usage.candidatesTokenCount, reasoning),
    cacheRead: usage.cachedContentTokenCount,
    reasoning,
  });
}

const sum = (first: unknown, second: unknown): number | undefined => {
  const counts = [first, second].flatMap((count) => numberOf(count) ?? []);
  return counts.length === 0 ? undefined : counts.reduce((a, b) => a + b);
};
