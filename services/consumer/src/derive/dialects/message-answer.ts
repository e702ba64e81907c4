import { type JsonObject, listOf, objectOf, objectsOf, parseJson, wordOf } from "@spanhouse/schemas/json-value";
import { type Slice, sliceLength, textOf } from "@spanhouse/schemas/slice";
import { type Answer, AnswerCollector } from "../answer.ts";
import type { BodyReading } from "../bodies/body-reading.ts";

export interface MessageAnswer {
  readonly answer: Answer;
  readonly finishReasons: readonly string[] | undefined;
  readonly refusal: BodyReading["refusal"];
}

/** A longer text is parsed only where it tells of a refusal: it is no short answer, and only short ones suggest one. */
const parsedBytesLimit = 8192;

const quotedRefusal = Buffer.from('"refusal"');

/**
 * The answer in output messages: semantic conventions' `[{role, parts, finish_reason}]`, the older `{content}` and
 * `{message}` shapes, or plain text. The conventions have no part for a refusal: instrumentations add one of their own
 * (OpenLLMetry `{type: "refusal", content}`), or pass on OpenAI's field.
 */
export function answerOf(output: Slice): MessageAnswer {
  const size = sliceLength(output);
  if (size > parsedBytesLimit && !tellsOfRefusal(output)) {
    return { answer: { start: "", length: size, hasToolCalls: false }, finishReasons: undefined, refusal: undefined };
  }
  const refusals: string[] = [];
  const collector = new AnswerCollector();
  const finishReasons: string[] = [];
  const text = textOf(output);
  const messages = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  if (messages === undefined) {
    collector.text(text);
  } else {
    for (const message of objectsOf(Array.isArray(messages) ? messages : [messages])) {
      readMessage(objectOf(message.message) ?? message, collector, refusals);
      const finishReason = wordOf(message.finish_reason);
      if (finishReason !== undefined) finishReasons.push(finishReason);
    }
  }
  return {
    answer: collector.answer,
    finishReasons: finishReasons.length > 0 ? finishReasons : undefined,
    refusal: refusals[0] === undefined ? undefined : { text: refusals[0] },
  };
}

function tellsOfRefusal({ bytes, start, end }: Slice): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).includes(quotedRefusal);
}

function readMessage(message: JsonObject, collector: AnswerCollector, refusals: string[]): void {
  collector.text(message.content);
  // LangChain keeps what it has no field for among `additional_kwargs`.
  const refusal = wordOf(message.refusal) ?? wordOf(objectOf(message.additional_kwargs)?.refusal);
  if (refusal !== undefined) refusals.push(refusal);
  if (listOf(message.tool_calls).length > 0) collector.hasToolCalls = true;
  for (const entry of objectsOf(message.tool_calls)) {
    const call = objectOf(entry.tool_call) ?? entry;
    collector.toolCall(call.id, (objectOf(call.function) ?? call).name);
  }
  for (const part of objectsOf(message.parts ?? message.content)) {
    if (part.type === "text") collector.text(part.content ?? part.text);
    if (part.type === "tool_call" || part.type === "tool_use") collector.toolCall(part.id, part.name);
    if (part.type === "refusal") refusals.push(wordOf(part.content ?? part.refusal) ?? "");
  }
}
