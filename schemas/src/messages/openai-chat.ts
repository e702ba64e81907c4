import { type JsonObject, listOf, objectOf, objectsOf, wordOf } from "../json-value.ts";
import type { Message, Part } from "./message.ts";
import type { MessageReader } from "./message-reader.ts";
import { contentParts, file, joined, medium, mediumAt, otherPart, textParts, toolCall, toolResponse } from "./parts.ts";
import { toolDefinitions } from "./tool-definitions.ts";

/**
 * Chat completions of OpenAI and those compatible (Azure, Mistral, Groq, DeepSeek, vLLM, …), whole or as chunks.
 * https://platform.openai.com/docs/api-reference/chat
 */
export const openaiChat: MessageReader = {
  format: "openai_chat",

  prompt(body) {
    if (objectsOf(body.messages).length === 0) return undefined;
    return { input: objectsOf(body.messages).map(messageOf), tools: toolDefinitions(body.tools ?? functionsOf(body)) };
  },

  answer(bodies) {
    const choices = bodies.flatMap((body) => objectsOf(body.choices));
    if (!choices.some((choice) => objectOf(choice.message) ?? objectOf(choice.delta))) return undefined;
    const drafts = new Map<unknown, Draft>();
    for (const choice of choices) {
      const place = choice.index ?? 0;
      const draft = drafts.get(place) ?? { role: "assistant", parts: [], calls: new Map(), finishReason: undefined };
      drafts.set(place, draft);
      addTo(draft, choice);
    }
    const inOrder = [...drafts].sort(([a], [b]) => Number(a) - Number(b));
    return { output: inOrder.map(([, draft]) => messageOfDraft(draft)) };
  },
};

interface Draft {
  role: string;
  parts: Part[];
  readonly calls: Map<unknown, { id: string; name: string; args: string }>;
  finishReason: string | undefined;
}

function addTo(draft: Draft, choice: JsonObject): void {
  const message = objectOf(choice.message) ?? objectOf(choice.delta) ?? {};
  draft.role = wordOf(message.role) ?? draft.role;
  draft.finishReason = wordOf(choice.finish_reason) ?? draft.finishReason;
  draft.parts.push(...ownParts(message));
  const calls = [...objectsOf(message.tool_calls), ...objectsOf([message.function_call])];
  calls.forEach((call, position) => {
    const said = objectOf(call.function) ?? objectOf(call.custom) ?? call;
    // Providers that leave the index out tell calls apart by id.
    const place = call.index ?? (objectOf(choice.message) ? position : (wordOf(call.id) ?? position));
    const known = draft.calls.get(place) ?? { id: "", name: "", args: "" };
    draft.calls.set(place, known);
    known.id ||= wordOf(call.id) ?? "";
    known.name ||= wordOf(said.name) ?? "";
    const args = said.arguments ?? said.input;
    known.args += typeof args === "string" ? args : args === undefined || args === null ? "" : JSON.stringify(args);
  });
}

function messageOfDraft({ role, parts, calls, finishReason }: Draft): Message {
  return {
    role,
    parts: [...joined(parts), ...[...calls.values()].map(({ id, name, args }) => toolCall(id, name, args))],
    ...(finishReason === undefined ? {} : { finish_reason: finishReason }),
  };
}

/** A message of the history. */
export function messageOf(message: JsonObject): Message {
  const role = wordOf(message.role) ?? "user";
  const name = wordOf(message.name);
  const callId = message.tool_call_id ?? message.toolCallId;
  const calls = [...objectsOf(message.tool_calls), ...objectsOf([message.function_call])].map((call) => {
    const said = objectOf(call.function) ?? objectOf(call.custom) ?? call;
    return toolCall(call.id, said.name, said.arguments ?? said.input ?? said.args ?? said.parameters);
  });
  const isResult = role === "tool" || role === "function";
  return {
    role,
    ...(name === undefined || isResult ? {} : { name }),
    parts: isResult ? [toolResponse(callId, message.content, name)] : [...ownParts(message), ...calls],
  };
}

function ownParts(message: JsonObject): Part[] {
  const reasoning = message.reasoning_content ?? message.reasoning;
  const audio = objectOf(message.audio);
  return [
    ...textParts(reasoning, "reasoning"),
    ...contentParts(message.content, partsOf),
    ...textParts(message.refusal, "refusal"),
    ...(audio ? [...textParts(audio.transcript), ...medium(audio.data, "audio"), ...file(audio.id, "audio")] : []),
    ...objectsOf(message.images).flatMap(partsOf),
  ];
}

export function partsOf(part: JsonObject): Part[] {
  switch (part.type) {
    case "text":
    case "input_text":
    case "output_text":
      return textParts(part.text ?? part.content);
    case "refusal":
      return textParts(part.refusal ?? part.content, "refusal");
    case "thinking":
      // Mistral has a list of texts here, others the text.
      return typeof part.thinking === "string"
        ? textParts(part.thinking, "reasoning")
        : listOf(part.thinking).flatMap((one) => textParts(objectOf(one)?.text, "reasoning"));
    case "image_url":
    case "input_image":
      return part.image_url === undefined
        ? file(part.file_id, "image")
        : mediumAt(objectOf(part.image_url)?.url ?? part.image_url, "image");
    case "input_audio": {
      const audio = objectOf(part.input_audio);
      return medium(audio?.data, "audio", audio?.format ? `audio/${audio.format}` : undefined);
    }
    case "file":
    case "input_file": {
      const said = objectOf(part.file) ?? part;
      if (said.file_id !== undefined) return file(said.file_id, "document");
      return mediumAt(said.file_url ?? said.file_data, "document");
    }
    case "document_url":
      return mediumAt(part.document_url, "document");
    default:
      return [otherPart(part)];
  }
}

/** Before tools there were functions. */
function functionsOf(body: JsonObject): readonly JsonObject[] {
  return objectsOf(body.functions);
}
