import { countOf, type JsonObject, objectOf, objectsOf, wordOf } from "@spanhouse/schemas/json-value";
import { AnswerCollector } from "../answer.ts";
import type { TokenCounts } from "../usage.ts";
import type { BodyFormat } from "./body-reading.ts";

const streamTypes: ReadonlySet<unknown> = new Set([
  ...["message-start", "content-delta", "tool-plan-delta", "tool-call-start", "message-end"],
]);

/**
 * Cohere's chat (v2 and v1, whole or streamed), embeddings and rerank. It has no signal of a refusal; `ERROR_TOXIC` of v1
 * is a filter. https://docs.cohere.com/reference
 */
export const cohere: BodyFormat = {
  recognises: (body) =>
    streamTypes.has(body.type) ||
    typeof body.event_type === "string" ||
    billedIn(body) !== undefined ||
    (typeof body.generation_id === "string" && typeof body.text === "string"),

  read(bodies) {
    const answer = new AnswerCollector();
    let responseId: string | undefined;
    let reason: string | undefined;
    let billed: JsonObject | undefined;
    for (const body of bodies) {
      const ending = objectOf(body.delta) ?? {};
      // The end of a stream of v1 repeats the whole answer: only its ending and usage are new.
      const whole = objectOf(body.response);
      responseId ??= wordOf(body.id) ?? wordOf(body.response_id) ?? wordOf(body.generation_id);
      reason = wordOf(body.finish_reason) ?? wordOf(ending.finish_reason) ?? reason;
      billed = billedIn(body) ?? billedIn(ending) ?? (whole && billedIn(whole)) ?? billed;
      answer.text(body.text);
      const message = objectOf(body.message) ?? objectOf(ending.message) ?? body;
      for (const part of objectsOf(message.content)) answer.text(part.text);
      answer.text(objectOf(message.content)?.text);
      const started = body.type === "tool-call-start" ? objectOf(message.tool_calls) : undefined;
      for (const call of started ? [started] : objectsOf(message.tool_calls ?? whole?.tool_calls)) {
        answer.toolCall(call.id, objectOf(call.function)?.name ?? call.name);
      }
    }
    return {
      responseId,
      usage: billed && tokenCounts(billed),
      finishReasons: reason === undefined ? undefined : [reason],
      answer: answer.answer,
    };
  },
};

/** What is billed leaves out tokens that Cohere adds itself, which `tokens` has. */
function billedIn(body: JsonObject): JsonObject | undefined {
  const usage = objectOf(body.usage) ?? objectOf(body.meta);
  return objectOf(usage?.billed_units);
}

/** A rerank is billed by searches alone, an embedding of images by images: then no tokens are. */
function tokenCounts(billed: JsonObject): TokenCounts {
  const searches = countOf(billed.search_units);
  const images = countOf(billed.images);
  const tokens = countOf(billed.input_tokens);
  const byUnit = (searches ?? images) !== undefined && tokens === undefined;
  return {
    input: byUnit ? 0 : tokens,
    output: byUnit ? 0 : countOf(billed.output_tokens),
    units: { rerank_searches: searches, input_images: images },
  };
}
