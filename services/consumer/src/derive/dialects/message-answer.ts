import { type Slice, sliceLength, textOf } from "@spanhouse/schemas/slice";
import { type Answer, AnswerCollector } from "../answer.ts";
import { type JsonObject, listOf, objectOf, objectsOf, parseJson, wordOf } from "../bodies/json-value.ts";

export interface MessageAnswer {
  readonly answer: Answer;
  readonly finishReasons: readonly string[] | undefined;
}

/** A longer text is not parsed: it is no short answer, and only short ones are looked at for a refusal. */
const parsedBytesLimit = 8192;

/**
 * The answer in output messages: semantic conventions' `[{role, parts, finish_reason}]`, the older `{content}` and
 * `{message}` shapes, or plain text.
 */
export function answerOf(output: Slice): MessageAnswer {
  const size = sliceLength(output);
  if (size > parsedBytesLimit) {
    return { answer: { start: "", length: size, hasToolCalls: false }, finishReasons: undefined };
  }
  const collector = new AnswerCollector();
  const finishReasons: string[] = [];
  const text = textOf(output);
  const messages = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  if (messages === undefined) {
    collector.text(text);
  } else {
    for (const message of objectsOf(Array.isArray(messages) ? messages : [messages])) {
      readMessage(objectOf(message.message) ?? message, collector);
      const finishReason = wordOf(message.finish_reason);
      if (finishReason !== undefined) finishReasons.push(finishReason);
    }
  }
  return { answer: collector.answer, finishReasons: finishReasons.length > 0 ? finishReasons : undefined };
}

function readMessage(message: JsonObject, collector: AnswerCollector): void {
  collector.text(message.content);
  const calls = message.tool_calls;
  if (listOf(calls).length > 0) collector.hasToolCalls = true;
  for (const part of objectsOf(message.parts ?? message.content)) {
    if (part.type === "text") collector.text(part.content ?? part.text);
    if (part.type === "tool_call" || part.type === "tool_use") collector.hasToolCalls = true;
  }
}
