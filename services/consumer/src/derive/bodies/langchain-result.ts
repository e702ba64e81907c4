import { type JsonObject, listOf, objectOf, objectsOf, wordOf } from "@spanhouse/schemas/json-value";
import { AnswerCollector } from "../answer.ts";
import type { BodyFormat } from "./body-reading.ts";

/**
 * What LangChain passes to whoever traces it: `{generations: [[{message: {kwargs}}]]}` around the provider's answer. The
 * usage in it is LangChain's own reckoning, which the attributes tell too.
 * https://github.com/langchain-ai/langchainjs, libs/langchain-core/src/outputs.ts
 */
export const langchainResult: BodyFormat = {
  recognises: (body) => Array.isArray(body.generations) && Array.isArray(body.generations[0]),

  read([body]) {
    const answer = new AnswerCollector();
    const finishReasons: string[] = [];
    let first: JsonObject | undefined;
    let refusal: string | undefined;
    for (const generation of objectsOf(listOf(body?.generations).flatMap(listOf))) {
      const message = objectOf(objectOf(generation.message)?.kwargs);
      const metadata = objectOf(message?.response_metadata);
      first ??= { ...metadata, message_id: message?.id };
      answer.text(generation.text);
      for (const { id, name } of objectsOf(message?.tool_calls)) answer.toolCall(id, name);
      const reason = wordOf(metadata?.finish_reason ?? metadata?.stop_reason);
      if (reason !== undefined) finishReasons.push(reason);
      refusal ??= wordOf(objectOf(message?.additional_kwargs)?.refusal);
    }
    return {
      responseModel: wordOf(first?.model_name) ?? wordOf(first?.model),
      responseId: wordOf(first?.id) ?? idOfProvider(first?.message_id),
      serviceTier: wordOf(first?.service_tier),
      finishReasons: finishReasons.length > 0 ? finishReasons : undefined,
      answer: answer.answer,
      refusal: refusal === undefined ? undefined : { text: refusal },
    };
  },
};

/** A message that the provider gave no id has that of LangChain's run. */
function idOfProvider(id: unknown): string | undefined {
  const word = wordOf(id);
  return word === undefined || /^(lc_)?run-/.test(word) ? undefined : word;
}
