import { countOf, type JsonObject, objectOf, objectsOf, wordOf } from "@spanhouse/schemas/json-value";
import { AnswerCollector } from "../answer.ts";
import type { TokenCounts } from "../usage.ts";
import type { BodyFormat } from "./body-reading.ts";

/** Google's REST names, or those of its Python SDK, which serialises in snake_case. */
function field(object: JsonObject, camel: string, snake: string): unknown {
  return object[camel] ?? object[snake];
}

/** https://ai.google.dev/api/generate-content, whole or streamed; on Vertex too. */
export const geminiContent: BodyFormat = {
  recognises: (body) =>
    Array.isArray(body.candidates) ||
    field(body, "promptFeedback", "prompt_feedback") !== undefined ||
    usageOf(body) !== undefined,

  /**
   * Every chunk of a stream repeats the counts so far: only with a finish reason, or where the prompt was blocked, has the
   * last one all of the output. A blocked prompt has no candidate. Names of reasons are open.
   */
  read(bodies) {
    const answer = new AnswerCollector();
    const finishReasons = new Map<unknown, string>();
    let usage: JsonObject | undefined;
    let responseId: string | undefined;
    let responseModel: string | undefined;
    let blocked: string | undefined;
    const queries = new Set<unknown>();

    for (const body of bodies) {
      responseId ??= wordOf(field(body, "responseId", "response_id"));
      responseModel ??= wordOf(field(body, "modelVersion", "model_version"));
      usage = usageOf(body) ?? usage;
      const feedback = objectOf(field(body, "promptFeedback", "prompt_feedback"));
      blocked = (feedback && wordOf(field(feedback, "blockReason", "block_reason"))) ?? blocked;
      for (const candidate of objectsOf(body.candidates)) {
        const place = candidate.index ?? 0;
        const reason = wordOf(field(candidate, "finishReason", "finish_reason"));
        if (reason !== undefined) finishReasons.set(place, reason);
        const grounding = objectOf(field(candidate, "groundingMetadata", "grounding_metadata"));
        const searched = grounding && field(grounding, "webSearchQueries", "web_search_queries");
        if (Array.isArray(searched)) for (const query of searched) queries.add(query);
        for (const part of objectsOf(objectOf(candidate.content)?.parts)) {
          const call = objectOf(field(part, "functionCall", "function_call"));
          if (call) answer.toolCall(call.id, call.name);
          else if (place === 0 && part.thought !== true) answer.text(part.text);
        }
      }
    }

    const told = blocked === undefined ? finishReasons : finishReasons.set("prompt", blocked);
    return {
      responseId,
      responseModel,
      serviceTier: usage && tierOf(usage),
      usage: usage && tokenCounts(usage, told.size > 0, searchesOf(queries.size, responseModel)),
      finishReasons: told.size > 0 ? [...told.values()] : undefined,
      answer: answer.answer,
      filtered: blocked === undefined ? undefined : true,
    };
  },
};

/** Google's own: LangChain calls its reckoning, which LangSmith puts into answers, `usage_metadata` too. */
function usageOf(body: JsonObject): JsonObject | undefined {
  const usage = objectOf(field(body, "usageMetadata", "usage_metadata"));
  return usage && Object.keys(usage).some((name) => /^(?:\w*_token_count|\w*TokenCount|traffic_?[tT]ype)$/.test(name))
    ? usage
    : undefined;
}

/** Vertex says how a call was served; on demand is the list price. */
function tierOf(usage: JsonObject): string | undefined {
  const traffic = wordOf(field(usage, "trafficType", "traffic_type"))?.toLowerCase();
  return traffic === "on_demand" || traffic === "traffic_type_unspecified" ? undefined : traffic;
}

/** Up to Gemini 2.5 an answer that searched counts once, later each query. https://ai.google.dev/gemini-api/docs/pricing */
function searchesOf(queries: number, model: string | undefined): number {
  return /^gemini-[12]\b/.test(model ?? "") ? Math.min(queries, 1) : queries;
}

/** Protocol buffers leave zeros out. Prompt tokens include the cache, not what tools brought; candidates no thoughts. */
function tokenCounts(usage: JsonObject, ended: boolean, webSearches: number): TokenCounts {
  const count = (camel: string, snake: string) => countOf(field(usage, camel, snake));
  const prompt = count("promptTokenCount", "prompt_token_count");
  const toolUse = count("toolUsePromptTokenCount", "tool_use_prompt_token_count") ?? 0;
  const candidates =
    count("candidatesTokenCount", "candidates_token_count") ?? count("responseTokenCount", "response_token_count");
  const thoughts = count("thoughtsTokenCount", "thoughts_token_count");
  const inputs = {
    ...modalities(field(usage, "promptTokensDetails", "prompt_tokens_details")),
  };
  for (const [modality, tokens] of Object.entries(
    modalities(field(usage, "toolUsePromptTokensDetails", "tool_use_prompt_tokens_details")),
  )) {
    inputs[modality] = (inputs[modality] ?? 0) + tokens;
  }
  const cached = modalities(field(usage, "cacheTokensDetails", "cache_tokens_details"));
  const outputs = modalities(field(usage, "candidatesTokensDetails", "candidates_tokens_details"));
  return {
    input: prompt === undefined ? undefined : prompt + toolUse,
    output: ended ? (candidates ?? 0) + (thoughts ?? 0) : undefined,
    cacheRead: count("cachedContentTokenCount", "cached_content_token_count"),
    reasoning: thoughts,
    units: {
      input_audio_tokens: inputs.audio,
      input_image_tokens: inputs.image,
      input_video_tokens: inputs.video,
      cache_audio_read_tokens: cached.audio,
      cache_image_read_tokens: cached.image,
      output_audio_tokens: outputs.audio,
      output_image_tokens: outputs.image,
      output_video_tokens: outputs.video,
      web_searches: webSearches || undefined,
    },
  };
}

function modalities(details: unknown): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const detail of objectsOf(details)) {
    const modality = wordOf(detail.modality)?.toLowerCase();
    const tokens = countOf(field(detail, "tokenCount", "token_count"));
    if (modality !== undefined && tokens !== undefined) counts[modality] = (counts[modality] ?? 0) + tokens;
  }
  return counts;
}
