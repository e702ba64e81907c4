import { type JsonObject, objectOf, objectsOf, wordOf } from "../json-value.ts";
import type { Message, Part } from "./message.ts";
import type { MessageReader } from "./message-reader.ts";
import { mediumAt, otherPart, textParts, toolCall, toolResponse } from "./parts.ts";

/**
 * OpenInference's flattened attributes, put together as lists of `{message: {role, content, contents, tool_calls}}`.
 * https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md
 */
export const openinference: MessageReader = {
  format: "openinference",

  prompt({ messages }) {
    const list = objectsOf(messages);
    return list.some(isOwn) ? { input: list.map(messageOf) } : undefined;
  },

  answer(bodies) {
    return bodies.some(isOwn) ? { output: bodies.map(messageOf) } : undefined;
  },
};

/** A choice of OpenAI has a message too, beside its index. */
function isOwn(entry: JsonObject): boolean {
  return objectOf(entry.message) !== undefined && Object.keys(entry).length === 1;
}

function messageOf(entry: JsonObject): Message {
  const message = objectOf(entry.message) ?? {};
  const role = wordOf(message.role) ?? "user";
  if (role === "tool") return { role, parts: [toolResponse(message.tool_call_id, message.content, message.name)] };
  const calls = objectsOf(message.tool_calls).map((entry) => {
    const call = objectOf(entry.tool_call) ?? entry;
    const said = objectOf(call.function) ?? call;
    return toolCall(call.id, said.name, said.arguments);
  });
  const parts = objectsOf(message.contents).flatMap((entry) => partsOf(objectOf(entry.message_content) ?? entry));
  return { role, parts: [...textParts(message.content), ...parts, ...calls] };
}

function partsOf(part: JsonObject): Part[] {
  if (part.type === "reasoning") return textParts(part.text ?? part.reasoning, "reasoning");
  if (typeof part.text === "string") return textParts(part.text);
  const image = objectOf(objectOf(part.image)?.image) ?? objectOf(part.image);
  if (image) return mediumAt(image.url, "image");
  return [otherPart(part)];
}
