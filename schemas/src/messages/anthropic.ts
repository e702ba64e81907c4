import { type JsonObject, objectOf, objectsOf, wordOf } from "../json-value.ts";
import type { Message, Part } from "./message.ts";
import type { MessageReader } from "./message-reader.ts";
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

const ownBlocks: ReadonlySet<unknown> = new Set([
  "tool_use",
  "tool_result",
  "thinking",
  "redacted_thinking",
  "document",
]);

/** Anthropic's Messages, whole or as events; those on Bedrock and Vertex too. https://docs.anthropic.com/en/api/messages */
export const anthropic: MessageReader = {
  format: "anthropic_messages",

  prompt(body) {
    if (!Array.isArray(body.messages) || !isOwn(body)) return undefined;
    return {
      system: contentParts(body.system, partsOf),
      input: objectsOf(body.messages).map((message) => ({
        role: wordOf(message.role) ?? "user",
        parts: contentParts(message.content, partsOf),
      })),
      tools: toolDefinitions(body.tools),
    };
  },

  answer(bodies) {
    const whole = bodies.find((body) => body.type === "message" && Array.isArray(body.content));
    if (whole) return { output: [messageOf(whole, objectsOf(whole.content), whole)] };
    const start = bodies.find(({ type }) => type === "message_start");
    if (!start && !bodies.some(({ type }) => type === "content_block_start")) return undefined;
    const message = objectOf(start?.message) ?? {};
    const ending = bodies.findLast(({ type }) => type === "message_delta");
    return { output: [messageOf(message, streamedBlocks(bodies), objectOf(ending?.delta) ?? {})] };
  },
};

/** What only Anthropic's requests have: a request of plain texts reads the same either way. */
function isOwn(body: JsonObject): boolean {
  if (body.system !== undefined || body.anthropic_version !== undefined) return true;
  if (objectsOf(body.tools).some((tool) => tool.input_schema !== undefined)) return true;
  return objectsOf(body.messages).some(({ content }) =>
    objectsOf(content).some((block) => ownBlocks.has(block.type) || objectOf(block.source) !== undefined),
  );
}

function messageOf(message: JsonObject, blocks: readonly JsonObject[], ending: JsonObject): Message {
  const stopReason = wordOf(ending.stop_reason);
  const explanation = stopReason === "refusal" ? objectOf(ending.stop_details)?.explanation : undefined;
  return {
    role: wordOf(message.role) ?? "assistant",
    parts: [...blocks.flatMap(partsOf), ...textParts(explanation, "refusal")],
    ...(stopReason === undefined ? {} : { finish_reason: stopReason }),
  };
}

function streamedBlocks(bodies: readonly JsonObject[]): readonly JsonObject[] {
  const blocks = new Map<unknown, JsonObject>();
  for (const { type, index, content_block, delta } of bodies) {
    if (type === "content_block_start") {
      const block = objectOf(content_block) ?? {};
      blocks.set(
        index,
        block.type === "tool_use" || block.type === "server_tool_use" ? { ...block, input: "" } : block,
      );
    }
    const piece = objectOf(delta);
    const block = blocks.get(index);
    if (type !== "content_block_delta" || !piece || !block) continue;
    const [name, text] = pieceOf(piece);
    if (name !== undefined) blocks.set(index, { ...block, [name]: `${wordOf(block[name]) ?? ""}${text}` });
  }
  return [...blocks.values()];
}

function pieceOf(delta: JsonObject): readonly [name: string | undefined, text: string] {
  switch (delta.type) {
    case "text_delta":
      return ["text", wordOf(delta.text) ?? ""];
    case "thinking_delta":
      return ["thinking", wordOf(delta.thinking) ?? ""];
    case "input_json_delta":
      return ["input", wordOf(delta.partial_json) ?? ""];
    default:
      return [undefined, ""];
  }
}

function partsOf(block: JsonObject): Part[] {
  switch (block.type) {
    case "text":
      return textParts(block.text);
    case "thinking":
      return textParts(block.thinking, "reasoning");
    case "tool_use":
    case "server_tool_use":
    case "mcp_tool_use":
      return [toolCall(block.id, block.name, block.input === "" ? {} : block.input)];
    case "tool_result":
    case "mcp_tool_result":
      return [toolResponse(block.tool_use_id, resultOf(block.content))];
    case "image":
    case "document":
      return mediumOf(objectOf(block.source) ?? {}, block.type);
    default:
      return wordOf(block.tool_use_id) === undefined
        ? [otherPart(block)]
        : [toolResponse(block.tool_use_id, block.content)];
  }
}

/** A result of one text is that text. */
function resultOf(content: unknown): unknown {
  const [block, ...more] = objectsOf(content);
  return block?.type === "text" && more.length === 0 ? block.text : content;
}

function mediumOf(source: JsonObject, kind: string): Part[] {
  switch (source.type) {
    case "base64":
      return medium(source.data, kind === "image" ? kind : modalityOf(source.media_type), source.media_type);
    case "url":
      return mediumAt(source.url, kind);
    case "file":
      return file(source.file_id, kind);
    case "text":
      return textParts(source.data);
    default:
      return contentParts(source.content, partsOf);
  }
}
