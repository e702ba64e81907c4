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
  let refusal = "";
  let usage: JsonObject | undefined;
  let responseId: string | undefined;
  let responseModel: string | undefined;
  let serviceTier: string | undefined;

  for (const body of bodies) {
    responseId ??= wordOf(body.id);
    responseModel ??= wordOf(body.model);
    serviceTier = wordOf(body.service_tier) ?? serviceTier;
    usage = objectOf(body.usage) ?? usage;
    for (const choice of objectsOf(body.choices)) {
      const finishReason = wordOf(choice.finish_reason);
      if (finishReason !== undefined) finishReasons.set(choice.index, finishReason);
      const message = objectOf(choice.message) ?? objectOf(choice.delta) ?? choice;
      if (objectsOf(message.tool_calls).length > 0 || objectOf(message.function_call)) answer.hasToolCalls = true;
      const refusalText = wordOf(message.refusal);
      if (refusalText !== undefined) {
        refused = true;
        refusal += refusalText;
      }
      if ((choice.index ?? 0) === 0) answer.text(message.content ?? message.text);
    }
  }

  return {
    responseId,
    responseModel,
    serviceTier,
    usage: usage && tokenCounts(usage),
    finishReasons: finishReasons.size > 0 ? [...finishReasons.values()] : undefined,
    answer: answer.answer,
    refusal: refused ? { text: refusal } : undefined,
  };
}

function tokenCounts(usage: JsonObject): TokenCounts {
  const prompt = objectOf(usage.prompt_tokens_details) ?? {};
  const completion = objectOf(usage.completion_tokens_details) ?? {};
  const input = countOf(usage.prompt_tokens);
  const output = countOf(usage.completion_tokens);
  const reasoning = countOf(completion.reasoning_tokens);
  return {
    input,
    output: withReasoning(input, output, reasoning, countOf(usage.total_tokens)),
    cacheRead: countOf(prompt.cached_tokens),
    cacheWrite: countOf(prompt.cache_write_tokens),
    reasoning,
    units: {
      input_audio_tokens: countOf(prompt.audio_tokens),
      output_audio_tokens: countOf(completion.audio_tokens),
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
