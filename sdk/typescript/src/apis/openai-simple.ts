import type { Span } from "../span.ts";
import { type Json, numberOf, objectOf, wordOf } from "./json.ts";
import { failByEvent } from "./openai-chat.ts";
import type { ProviderApi } from "./provider-api.ts";
import { first } from "./stream-text.ts";
import { setUsage } from "./usage.ts";

/** OpenAI's APIs that answer in one piece, and say little but the usage. */
const api = (name: string, operation: string, outputType?: "image" | "speech"): ProviderApi => ({
  name: `openai.${name}`,
  operation,

  request(body, span) {
    if (outputType !== undefined) span.set("gen_ai.output.type", outputType);
    if (body.n !== 1) span.set("gen_ai.request.choice.count", numberOf(body.n));
    if (body.stream === true || typeof body.stream_format === "string") span.set("gen_ai.request.stream", true);
  },

  answer: setAnswer,

  stream(stream, span) {
    for (const event of stream.backward('"usage"')) {
      setAnswer(event, span);
      break;
    }
    const error = first(stream.matching(/"error": ?\{/g));
    if (error !== undefined) failByEvent(error, span);
    return stream.has('"usage"') || stream.has("data: [DONE]");
  },
});

function setAnswer(body: Json, span: Span): void {
  span.set("gen_ai.response.id", wordOf(body.id));
  span.set("gen_ai.response.model", wordOf(body.model));
  const usage = objectOf(body.usage);
  if (usage === undefined) return;
  setUsage(span, {
    input: usage.prompt_tokens ?? usage.input_tokens,
    output: usage.completion_tokens ?? usage.output_tokens,
    cacheRead: objectOf(usage.input_tokens_details)?.cached_tokens,
  });
}

export const openaiEmbeddings = api("embeddings", "embeddings");
export const openaiModerations = api("moderations", "moderation");
export const openaiImages = api("images", "generate_content", "image");
export const openaiSpeech = api("audio.speech", "generate_content", "speech");
export const openaiTranscriptions = api("audio.transcriptions", "generate_content");
