import { type JsonObject, objectOf, objectsOf, wordOf } from "../json-value.ts";
import type { Message, Part } from "./message.ts";
import type { MessageReader } from "./message-reader.ts";
import { messageOf as openaiMessageOf, partsOf as openaiPartsOf } from "./openai-chat.ts";
import {
  contentParts,
  file,
  medium,
  mediumAt,
  modalityOf,
  textParts,
  toolCall,
  toolResponse,
  unwrapped,
} from "./parts.ts";

/**
 * Lists of messages as instrumentations write them into attributes: `{role, parts}` of the semantic conventions since
 * 1.37; before them `{role, content, tool_calls}` by attribute (`gen_ai.prompt.N.*`, which the consumer has made a list)
 * or event, an answer perhaps as a choice `{index, finish_reason, message}`. Content may be JSON in a string.
 */
export const semconv: MessageReader = {
  format: "semconv",

  prompt(body) {
    const list = objectsOf(body.messages);
    return Object.keys(body).length === 1 && list.some(isMessage) ? { input: list.map(messageOf) } : undefined;
  },

  answer(bodies) {
    const list = bodies.map((body) => {
      const message = typeof body.message === "string" ? { content: body.message } : objectOf(body.message);
      return message ? { ...body, ...message } : body;
    });
    return list.length > 0 && list.every(isMessage) ? { output: list.map(withDefault("assistant")) } : undefined;
  },
};

function isMessage(message: JsonObject): boolean {
  return (
    Array.isArray(message.parts) ||
    (typeof message.role === "string" &&
      (message.content !== undefined || message.tool_calls !== undefined || message.body !== undefined)) ||
    (message.finish_reason !== undefined && message.content !== undefined)
  );
}

const withDefault = (role: string) => (message: JsonObject) => messageOf({ role, ...message });

function messageOf(message: JsonObject): Message {
  const finishReason = wordOf(message.finish_reason);
  const name = wordOf(message.name);
  const read = Array.isArray(message.parts)
    ? { role: wordOf(message.role) ?? "user", parts: contentParts(message.parts, semconvParts) }
    : openaiMessageOf({ ...message, content: contentOf(message.content) });
  return {
    ...read,
    ...(name === undefined || read.role === "tool" ? {} : { name }),
    ...(finishReason === undefined ? {} : { finish_reason: finishReason }),
  };
}

/** A list of parts that an attribute had to hold as text. */
function contentOf(content: unknown): unknown {
  const value = unwrapped(content);
  return Array.isArray(value) && objectsOf(value).some(({ type }) => typeof type === "string") ? value : content;
}

/** The parts of `gen_ai.system_instructions` and of messages. Those of OpenAI stand there too, in some versions. */
export function semconvParts(part: JsonObject): Part[] {
  switch (part.type) {
    case "text":
      return textParts(part.content ?? part.text);
    case "reasoning":
    case "thinking":
      return textParts(part.content ?? part.text ?? part.thinking, "reasoning");
    case "tool_call":
      return [toolCall(part.id, part.name, part.arguments)];
    case "server_tool_call":
      return [toolCall(part.id, part.name, part.server_tool_call)];
    case "tool_call_response":
      return [toolResponse(part.id, part.response ?? part.result, part.name)];
    case "server_tool_call_response":
      return [toolResponse(part.id, part.server_tool_call_response, part.name)];
    case "blob":
      return medium(part.content ?? part.data, modality(part), part.mime_type);
    case "uri":
      return mediumAt(part.uri, modality(part), part.mime_type);
    case "file":
      return part.file_id === undefined ? openaiPartsOf(part) : file(part.file_id, modality(part));
    default:
      return openaiPartsOf(part);
  }
}

function modality(part: JsonObject): string {
  return wordOf(part.modality) ?? modalityOf(part.mime_type);
}
