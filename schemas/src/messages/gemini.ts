import { type JsonObject, objectOf, objectsOf, wordOf } from "../json-value.ts";
import type { Message, Part } from "./message.ts";
import type { MessageReader } from "./message-reader.ts";
import {
  contentParts,
  joined,
  medium,
  mediumAt,
  modalityOf,
  otherPart,
  textParts,
  toolCall,
  toolResponse,
} from "./parts.ts";
import { toolDefinitions } from "./tool-definitions.ts";

/** Gemini's generateContent, whole or streamed, on Vertex too; SDKs that serialise again write snake_case. */
export const gemini: MessageReader = {
  format: "gemini",

  prompt(body) {
    const { contents } = body;
    if (typeof contents !== "string" && objectsOf(contents).length === 0 && !objectOf(contents)) return undefined;
    const config = objectOf(body.config) ?? {};
    const system = body.systemInstruction ?? body.system_instruction ?? config.system_instruction;
    return {
      system: contentOf(system).parts,
      input: typeof contents === "string" || !Array.isArray(contents) ? [contentOf(contents)] : contents.map(contentOf),
      tools: toolDefinitions(body.tools ?? config.tools),
    };
  },

  answer(bodies) {
    if (!bodies.some((body) => Array.isArray(body.candidates) || feedbackOf(body))) return undefined;
    const answers = new Map<unknown, { parts: Part[]; finishReason: string | undefined }>();
    let blocked: string | undefined;
    for (const body of bodies) {
      blocked = wordOf(feedbackOf(body)?.blockReason) ?? wordOf(feedbackOf(body)?.block_reason) ?? blocked;
      for (const candidate of objectsOf(body.candidates)) {
        const place = candidate.index ?? 0;
        const known = answers.get(place) ?? { parts: [], finishReason: undefined };
        answers.set(place, {
          parts: [...known.parts, ...contentOf(candidate.content).parts],
          finishReason: wordOf(candidate.finishReason) ?? wordOf(candidate.finish_reason) ?? known.finishReason,
        });
      }
    }
    if (answers.size === 0 && blocked !== undefined) answers.set(0, { parts: [], finishReason: blocked });
    return {
      output: [...answers.values()].map(
        ({ parts, finishReason }): Message => ({
          role: "assistant",
          parts: joined(parts),
          ...(finishReason === undefined ? {} : { finish_reason: finishReason }),
        }),
      ),
    };
  },
};

function feedbackOf(body: JsonObject): JsonObject | undefined {
  return objectOf(body.promptFeedback) ?? objectOf(body.prompt_feedback);
}

function contentOf(content: unknown): Message {
  if (typeof content === "string") return { role: "user", parts: textParts(content) };
  const said = objectOf(content) ?? {};
  const role = wordOf(said.role) ?? "user";
  const parts = said.parts === undefined ? partsOf(said) : contentParts(said.parts, partsOf);
  const isResult = parts.length > 0 && parts.every(({ type }) => type === "tool_call_response");
  return { role: isResult ? "tool" : role === "model" ? "assistant" : role, parts };
}

function partsOf(part: JsonObject): Part[] {
  if (typeof part.text === "string") return textParts(part.text, part.thought === true ? "reasoning" : "text");
  const call = objectOf(part.functionCall) ?? objectOf(part.function_call);
  if (call) return [toolCall(call.id, call.name, call.args)];
  const result = objectOf(part.functionResponse) ?? objectOf(part.function_response);
  if (result) return [toolResponse(result.id, result.response, result.name)];
  const inline = objectOf(part.inlineData) ?? objectOf(part.inline_data);
  if (inline) {
    const mimeType = inline.mimeType ?? inline.mime_type;
    return medium(inline.data, modalityOf(mimeType), mimeType);
  }
  const stored = objectOf(part.fileData) ?? objectOf(part.file_data);
  if (stored) {
    const mimeType = stored.mimeType ?? stored.mime_type;
    return mediumAt(stored.fileUri ?? stored.file_uri, modalityOf(mimeType), mimeType);
  }
  return Object.keys(part).length === 0 ? [] : [otherPart(part)];
}
