import { type JsonObject, objectOf, objectsOf, wordOf } from "../json-value.ts";
import type { Message, Part } from "./message.ts";
import type { MessageReader } from "./message-reader.ts";
import { contentParts, mediumAt, modalityOf, otherPart, textParts, toolCall, toolResponse } from "./parts.ts";
import { toolDefinitions } from "./tool-definitions.ts";

/**
 * Genkit: messages whose parts are known by their key, `{text}`, `{media}`, `{toolRequest}`, `{toolResponse}`,
 * `{reasoning}`; an embedder's input is documents of such parts.
 * https://github.com/genkit-ai/genkit, js/ai/src/model-types.ts
 */
export const genkit: MessageReader = {
  format: "genkit",

  prompt(body) {
    const documents = objectsOf(body.input);
    if (documents.some(isOwn)) return { inputs: documents.flatMap(({ content }) => contentParts(content, partsOf)) };
    const messages = objectsOf(body.messages);
    // Bedrock's texts look alike; only a request of Genkit's says what it is to become.
    if (!messages.some(isOwn) || !(requestKeys.some((name) => name in body) || messages.some(isTelling))) {
      return undefined;
    }
    return { input: messages.map(messageOf), tools: toolDefinitions(body.tools) };
  },

  answer(bodies) {
    const messages = bodies.flatMap((body) => {
      const message = objectOf(body.message);
      return message && Array.isArray(message.content) && body.finishReason !== undefined
        ? [{ ...messageOf(message), finish_reason: wordOf(body.finishReason) ?? "" }]
        : [];
    });
    return messages.length > 0 ? { output: messages } : undefined;
  },
};

const ownParts = ["text", "media", "toolRequest", "toolResponse", "reasoning", "data"] as const;

const requestKeys = ["config", "output", "use", "docs"] as const;

function isTelling({ role, content }: JsonObject): boolean {
  return role === "model" || objectsOf(content).some((part) => "toolRequest" in part || "toolResponse" in part);
}

/** Every part is known by its key alone: others name a type. */
function isOwn({ content }: JsonObject): boolean {
  const parts = objectsOf(content);
  return parts.length > 0 && parts.every((part) => part.type === undefined && ownParts.some((name) => name in part));
}

function messageOf(message: JsonObject): Message {
  const role = wordOf(message.role) ?? "user";
  return { role: role === "model" ? "assistant" : role, parts: contentParts(message.content, partsOf) };
}

function partsOf(part: JsonObject): Part[] {
  if (typeof part.text === "string") return textParts(part.text);
  if (typeof part.reasoning === "string") return textParts(part.reasoning, "reasoning");
  const call = objectOf(part.toolRequest);
  if (call) return [toolCall(call.ref, call.name, call.input)];
  const result = objectOf(part.toolResponse);
  if (result) return [toolResponse(result.ref, result.output, result.name)];
  const media = objectOf(part.media);
  if (media) return mediumAt(media.url, modalityOf(media.contentType), media.contentType);
  return [otherPart(part)];
}
