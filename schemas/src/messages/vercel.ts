import { type JsonObject, objectOf, objectsOf, wordOf } from "../json-value.ts";
import type { Message, Part } from "./message.ts";
import type { MessageReader, Prompt } from "./message-reader.ts";
import {
  contentParts,
  file,
  medium,
  mediumAt,
  modalityOf,
  otherPart,
  textParts,
  toolCall,
  toolResponse,
} from "./parts.ts";
import { toolDefinitions } from "./tool-definitions.ts";

/**
 * The Vercel AI SDK: messages whose parts are `tool-call`, `tool-result`, `reasoning`, `file`; `ai.prompt` as
 * `{system, prompt}` or `{system, messages}`. Versions 4 to 7. https://ai-sdk.dev/docs/reference/ai-sdk-core/model-message
 */
export const vercel: MessageReader = {
  format: "vercel",

  prompt(body) {
    if (typeof body.prompt === "string" && body.model === undefined) {
      return prompted(body, [{ role: "user", parts: textParts(body.prompt) }]);
    }
    const messages = objectsOf(Array.isArray(body.prompt) ? body.prompt : body.messages);
    return messages.some(isOwn) ? prompted(body, messages.map(messageOf)) : undefined;
  },

  answer(bodies) {
    const calls = bodies.filter((body) => body.toolCallId !== undefined && body.toolName !== undefined);
    if (calls.length > 0) return { output: [{ role: "assistant", parts: calls.flatMap(partsOf) }] };
    return bodies.some(isOwn) ? { output: bodies.map(messageOf) } : undefined;
  },
};

function prompted(body: JsonObject, input: readonly Message[]): Prompt {
  return { system: textParts(body.system), input, tools: toolDefinitions(body.tools) };
}

const ownParts: ReadonlySet<unknown> = new Set(["tool-call", "tool-result", "reasoning", "file", "image"]);

function isOwn({ content }: JsonObject): boolean {
  return objectsOf(content).some((part) => ownParts.has(part.type) && part.source === undefined);
}

function messageOf(message: JsonObject): Message {
  return { role: wordOf(message.role) ?? "assistant", parts: contentParts(message.content, partsOf) };
}

function partsOf(part: JsonObject): Part[] {
  const args = part.input ?? part.args;
  switch (part.type ?? (args === undefined ? "tool-result" : "tool-call")) {
    case "text":
      return textParts(part.text);
    case "reasoning":
      return textParts(part.text, "reasoning");
    case "function":
    case "tool-call":
      return [toolCall(part.toolCallId, part.toolName, args)];
    case "tool-result":
      return [toolResponse(part.toolCallId, outputOf(part.output ?? part.result), part.toolName)];
    case "image":
    case "file": {
      const mimeType = part.mediaType ?? part.mimeType;
      const modality = part.type === "image" ? "image" : modalityOf(mimeType);
      const data = wordOf(part.data ?? part.image ?? part.url);
      if (data === undefined) return file(part.fileId, modality);
      return /^[a-z][a-z0-9+.-]*:/.test(data) ? mediumAt(data, modality, mimeType) : medium(data, modality, mimeType);
    }
    default:
      return [otherPart(part)];
  }
}

/** Since version 5 `{type: "text" | "json", value}`. */
function outputOf(output: unknown): unknown {
  const said = objectOf(output);
  return said && typeof said.type === "string" && "value" in said ? said.value : output;
}
