import { countOf, type JsonObject, objectOf, objectsOf, wordOf } from "@spanhouse/schemas/json-value";
import { AnswerCollector } from "../answer.ts";
import type { TokenCounts } from "../usage.ts";
import type { BodyReading } from "./body-reading.ts";

/** https://platform.openai.com/docs/api-reference/chat/object and its chunks; the older text completions too. */
export function isOpenaiChat(body: JsonObject): boolean {
  return Array.isArray(body.choices);
}

/**
 * A chat completion, or the chunks of a streamed one: `message` and `delta` have the same fields. Chunks without
 * choices (usage, moderation) and fields that a compatible provider leaves out are tolerated.
 */
export function readOpenaiChat(bodies: readonly JsonObject[]): BodyReading {
  const answer = new AnswerCollector();
  const finishReasons = new Map<unknown, string>();
  let refused = false;
  let filtered = false;
  let refusal = "";
  let usage: JsonObject | undefined;
  let responseId: string | undefined;
  let responseModel: string | undefined;
  let serviceTier: string | undefined;

  for (const body of bodies) {
    responseId ??= wordOf(body.id);
    responseModel ??= wordOf(body.model);
    serviceTier = wordOf(body.service_tier) ?? serviceTier;
    // Groq's stream has it in a field of its own, some compatible servers in the last choice.
    usage = objectOf(body.usage) ?? objectOf(objectOf(body.x_groq)?.usage) ?? usage;
    if (isFiltered(body.prompt_filter_results)) filtered = true;
    for (const choice of objectsOf(body.choices)) {
      const finishReason = wordOf(choice.finish_reason);
      if (finishReason !== undefined) finishReasons.set(choice.index, finishReason);
      const message = objectOf(choice.message) ?? objectOf(choice.delta) ?? choice;
      readToolCalls(message, choice.index, answer);
      const refusalText = wordOf(message.refusal);
      if (refusalText !== undefined) {
        refused = true;
        refusal += refusalText;
      }
      if (isFiltered([choice])) filtered = true;
      if ((choice.index ?? 0) === 0) readText(message, answer);
    }
  }

  return {
    responseId,
    responseModel,
    serviceTier,
    usage: usage && tokenCounts(usage, responseModel),
    finishReasons: finishReasons.size > 0 ? [...finishReasons.values()] : undefined,
    answer: answer.answer,
    refusal: refused ? { text: refusal } : undefined,
    filtered: filtered || undefined,
  };
}

/** Mistral's answers of thinking models are lists of parts. */
function readText(message: JsonObject, answer: AnswerCollector): void {
  const content = message.content ?? message.text;
  answer.text(content);
  for (const part of objectsOf(content)) if (part.type === "text") answer.text(part.text);
}

/** The pieces of a streamed call are told apart by their index; where there is none, each has its id. */
function readToolCalls(message: JsonObject, choice: unknown, answer: AnswerCollector): void {
  for (const call of objectsOf(message.tool_calls)) {
    const said = objectOf(call.function) ?? objectOf(call.custom);
    const place = call.index ?? wordOf(call.id);
    answer.toolCall(call.id, said?.name, place === undefined ? undefined : `${choice ?? 0} ${place}`);
  }
  const legacy = objectOf(message.function_call);
  if (legacy) answer.toolCall(undefined, legacy.name, "function_call");
}

/** Azure judges prompt and answer by category, whatever the finish reason. */
function isFiltered(judged: unknown): boolean {
  return objectsOf(judged).some(({ content_filter_results }) => {
    const results = objectOf(content_filter_results);
    return results !== undefined && Object.values(results).some((result) => objectOf(result)?.filtered === true);
  });
}

function tokenCounts(usage: JsonObject, model: string | undefined): TokenCounts {
  const prompt = objectOf(usage.prompt_tokens_details) ?? {};
  const completion = objectOf(usage.completion_tokens_details) ?? {};
  const input = countOf(usage.prompt_tokens);
  const output = countOf(usage.completion_tokens);
  const reasoning = countOf(completion.reasoning_tokens) ?? countOf(usage.reasoning_tokens);
  return {
    input,
    output: withReasoning(input, output, reasoning, countOf(usage.total_tokens)),
    // DeepSeek and Moonshot have the cached tokens beside the details.
    cacheRead: countOf(prompt.cached_tokens) ?? countOf(usage.prompt_cache_hit_tokens) ?? countOf(usage.cached_tokens),
    cacheWrite: countOf(prompt.cache_write_tokens),
    reasoning,
    units: {
      input_audio_tokens: countOf(prompt.audio_tokens),
      input_image_tokens: countOf(prompt.image_tokens),
      output_audio_tokens: countOf(completion.audio_tokens),
      output_image_tokens: countOf(completion.image_tokens),
      // Mistral's audio.
      input_audio_seconds: countOf(usage.prompt_audio_seconds),
      // Perplexity's other models say these too, and are billed by the request.
      ...(/deep-research/.test(model ?? "") && {
        web_searches: countOf(usage.num_search_queries),
        output_citation_tokens: countOf(usage.citation_tokens),
      }),
    },
  };
}

/** OpenAI's completion tokens include reasoning, xAI's do not: the total tells. */
function withReasoning(
  input: number | undefined,
  output: number | undefined,
  reasoning: number | undefined,
  total: number | undefined,
): number | undefined {
  if (input === undefined || output === undefined || !reasoning) return output;
  return total === input + output + reasoning ? output + reasoning : output;
}
