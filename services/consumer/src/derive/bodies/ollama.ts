import { countOf, objectOf, objectsOf, wordOf } from "@spanhouse/schemas/json-value";
import { AnswerCollector } from "../answer.ts";
import type { BodyFormat } from "./body-reading.ts";

/** Ollama's own chat, generation and embeddings; a stream is a line of JSON each. https://docs.ollama.com/api */
export const ollama: BodyFormat = {
  recognises: (body) =>
    (typeof body.done === "boolean" && typeof body.model === "string") || body.prompt_eval_count !== undefined,

  read(bodies) {
    const answer = new AnswerCollector();
    let reason: string | undefined;
    for (const body of bodies) {
      answer.text(objectOf(body.message)?.content ?? body.response);
      for (const call of objectsOf(objectOf(body.message)?.tool_calls)) {
        answer.toolCall(call.id, objectOf(call.function)?.name);
      }
      reason = wordOf(body.done_reason) ?? reason;
    }
    const last = bodies.at(-1) ?? {};
    const input = countOf(last.prompt_eval_count);
    const output = countOf(last.eval_count);
    return {
      responseModel: wordOf(last.model),
      usage: input === undefined && output === undefined ? undefined : { input: input ?? 0, output },
      finishReasons: reason === undefined ? undefined : [reason],
      answer: answer.answer,
    };
  },
};
