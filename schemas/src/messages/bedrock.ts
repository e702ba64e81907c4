import { type JsonObject, objectOf, objectsOf, wordOf } from "../json-value.ts";
import type { Message, Part } from "./message.ts";
import type { MessageReader } from "./message-reader.ts";
import { contentParts, joined, medium, mediumAt, otherPart, textParts, toolCall, toolResponse } from "./parts.ts";
import { toolDefinitions } from "./tool-definitions.ts";

/**
 * Bedrock: Converse, whole or as events, which Nova's InvokeModel bodies are like; and the InvokeModel bodies of Titan,
 * Llama and Mistral. Anthropic's own are read as such.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export const bedrock: MessageReader = {
  format: "bedrock",

  prompt(body) {
    if (typeof body.inputText === "string") return { input: [{ role: "user", parts: textParts(body.inputText) }] };
    const messages = objectsOf(body.messages);
    if (!messages.some(({ content }) => objectsOf(content).some(isOwnBlock))) return undefined;
    return {
      system: objectsOf(body.system).flatMap(partsOf),
      input: messages.map(messageOf),
      tools: toolDefinitions(objectOf(body.toolConfig)?.tools),
    };
  },

  answer(bodies) {
    for (const body of bodies) {
      const message = objectOf(objectOf(body.output)?.message);
      if (message) return { output: [ended(messageOf(message), body.stopReason)] };
      if (typeof body.generation === "string") return plain(body.generation, body.stop_reason);
      const result = objectsOf(body.results)[0];
      if (typeof result?.outputText === "string") return plain(result.outputText, result.completionReason);
      const output = objectsOf(body.outputs)[0];
      if (typeof output?.text === "string") return plain(output.text, output.stop_reason);
    }
    const told = bodies.map(({ role, message, content, finish_reason }) => ({
      message: { role, content: Array.isArray(message) ? message : content },
      reason: finish_reason,
    }));
    // Strands gives a message's blocks by themselves.
    const own = told.some(({ message }) => objectsOf(message.content).some(isOwnBlock));
    if (own || (bodies.length > 0 && bodies.every(({ message }) => Array.isArray(message)))) {
      return { output: told.map(({ message, reason }) => ended(messageOf(message), reason)) };
    }
    return streamed(bodies);
  },
};

function plain(text: string, stopReason: unknown) {
  return { output: [ended({ role: "assistant", parts: textParts(text) }, stopReason)] };
}

function ended(message: Message, stopReason: unknown): Message {
  const reason = wordOf(stopReason);
  return reason === undefined ? message : { ...message, finish_reason: reason };
}

/** Blocks have no type: the key is the type. */
const blockKeys = ["text", "toolUse", "toolResult", "reasoningContent", "image", "video", "audio", "document"] as const;

function isOwnBlock(block: JsonObject): boolean {
  return block.type === undefined && blockKeys.some((key) => block[key] !== undefined);
}

function messageOf(message: JsonObject): Message {
  const parts = contentParts(message.content, partsOf);
  const isResult = parts.length > 0 && parts.every(({ type }) => type === "tool_call_response");
  return { role: isResult ? "tool" : (wordOf(message.role) ?? "assistant"), parts };
}

function partsOf(block: JsonObject): Part[] {
  if (typeof block.text === "string") return textParts(block.text);
  const call = objectOf(block.toolUse);
  if (call) return [toolCall(call.toolUseId, call.name, call.input)];
  const result = objectOf(block.toolResult);
  if (result) return [toolResponse(result.toolUseId, resultOf(result.content))];
  const reasoning = objectOf(block.reasoningContent);
  if (reasoning) return textParts(objectOf(reasoning.reasoningText)?.text ?? reasoning.text, "reasoning");
  for (const modality of ["image", "video", "audio", "document"] as const) {
    const said = objectOf(block[modality]);
    const source = objectOf(said?.source);
    if (!said || !source) continue;
    const format = wordOf(said.format);
    const mimeType = format && modality !== "document" ? `${modality}/${format}` : undefined;
    const stored = mediumAt(objectOf(source.s3Location)?.uri, modality, mimeType);
    return stored.length > 0 ? stored : medium(source.bytes, modality, mimeType);
  }
  return [otherPart(block)];
}

function resultOf(content: unknown): unknown {
  const blocks = objectsOf(content);
  const [block] = blocks;
  return blocks.length === 1 && block ? (block.json ?? block.text ?? content) : content;
}

/** Events: a key each, as SDKs give them. */
function streamed(bodies: readonly JsonObject[]) {
  if (!bodies.some((body) => body.messageStart ?? body.contentBlockDelta ?? body.messageStop)) return undefined;
  const blocks = new Map<unknown, Part[]>();
  const calls = new Map<unknown, { readonly start: JsonObject; args: string }>();
  let stopReason: unknown;
  for (const body of bodies) {
    stopReason = objectOf(body.messageStop)?.stopReason ?? stopReason;
    const start = objectOf(body.contentBlockStart);
    const call = objectOf(objectOf(start?.start)?.toolUse);
    if (start && call) calls.set(start.contentBlockIndex, { start: call, args: "" });
    const event = objectOf(body.contentBlockDelta);
    const delta = objectOf(event?.delta);
    if (!event || !delta) continue;
    const known = calls.get(event.contentBlockIndex);
    if (known) known.args += wordOf(objectOf(delta.toolUse)?.input) ?? "";
    else blocks.set(event.contentBlockIndex, [...(blocks.get(event.contentBlockIndex) ?? []), ...partsOf(delta)]);
  }
  for (const [index, { start, args }] of calls) {
    blocks.set(index, [toolCall(start.toolUseId, start.name, args === "" ? {} : args)]);
  }
  const ordered = [...blocks].sort(([a], [b]) => Number(a ?? 0) - Number(b ?? 0));
  const parts = ordered.flatMap(([, of]) => joined(of));
  return { output: [ended({ role: "assistant", parts }, stopReason)] };
}
