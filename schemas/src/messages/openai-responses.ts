import { type JsonObject, objectOf, objectsOf, wordOf } from "../json-value.ts";
import type { Message, Part } from "./message.ts";
import type { MessageReader } from "./message-reader.ts";
import { partsOf } from "./openai-chat.ts";
import { contentParts, medium, otherPart, textParts, toolCall, toolResponse } from "./parts.ts";
import { toolDefinitions } from "./tool-definitions.ts";

/** OpenAI's Responses, whole or as events. https://platform.openai.com/docs/api-reference/responses */
export const openaiResponses: MessageReader = {
  format: "openai_responses",

  prompt(body) {
    const { input } = body;
    if (typeof input !== "string" && !Array.isArray(input)) return undefined;
    const items =
      typeof input === "string" ? [{ role: "user", parts: textParts(input) }] : objectsOf(input).map(itemOf);
    return { system: contentParts(body.instructions, partsOf), input: items, tools: toolDefinitions(body.tools) };
  },

  answer(bodies) {
    if (!bodies.some((body) => body.object === "response" || wordOf(body.type)?.startsWith("response."))) {
      return undefined;
    }
    const response = wholeResponse(bodies);
    const items = objectsOf(response.output);
    const told = items.length > 0 ? items : streamedItems(bodies);
    const status = wordOf(objectOf(response.incomplete_details)?.reason) ?? wordOf(response.status);
    return {
      output: [
        {
          role: "assistant",
          parts: told.flatMap((item) => itemParts(item)),
          ...(status === undefined || status === "in_progress" ? {} : { finish_reason: status }),
        },
      ],
    };
  },
};

/** The last event that carries the response has all of it. */
function wholeResponse(bodies: readonly JsonObject[]): JsonObject {
  const last = bodies.findLast((body) => body.object === "response" || objectOf(body.response));
  return last?.object === "response" ? last : (objectOf(last?.response) ?? {});
}

/** A stream that was cut: items that were done, and of the others the pieces so far. */
function streamedItems(bodies: readonly JsonObject[]): readonly JsonObject[] {
  const items = new Map<unknown, JsonObject>();
  const texts = new Map<unknown, string>();
  for (const body of bodies) {
    const place = body.output_index ?? 0;
    const item = objectOf(body.item);
    if (item) items.set(place, item);
    if (body.type === "response.output_item.done") texts.delete(place);
    else if (typeof body.delta === "string") {
      texts.set(place, (texts.get(place) ?? "") + body.delta);
      const type = wordOf(body.type) ?? "";
      if (type.includes("refusal")) items.set(place, { ...items.get(place), refused: true });
      else if (type.includes("reasoning")) items.set(place, { type: "reasoning", ...items.get(place) });
    }
  }
  return [...new Set([...items.keys(), ...texts.keys()])].map((place) => {
    const item = items.get(place) ?? { type: "message" };
    const text = texts.get(place);
    if (text === undefined) return item;
    if (item.type === "function_call") return { ...item, arguments: text };
    if (item.type === "custom_tool_call") return { ...item, input: text };
    if (item.type === "reasoning") return { ...item, summary: [{ text }] };
    return { ...item, content: [item.refused ? { type: "refusal", refusal: text } : { type: "output_text", text }] };
  });
}

/** An item of the history: a message, or what a model or tool did between messages. */
function itemOf(item: JsonObject): Message {
  const type = wordOf(item.type) ?? "message";
  const role = wordOf(item.role) ?? (type.endsWith("_output") ? "tool" : type === "message" ? "user" : "assistant");
  return { role, parts: itemParts(item) };
}

function itemParts(item: JsonObject): Part[] {
  switch (item.type ?? "message") {
    case "message":
      return contentParts(item.content, partsOf);
    case "function_call":
      return [toolCall(item.call_id ?? item.id, item.name, item.arguments)];
    case "custom_tool_call":
      return [toolCall(item.call_id ?? item.id, item.name, item.input)];
    case "mcp_call":
      return [toolCall(item.id, item.name, item.arguments), toolResponse(item.id, item.output ?? item.error)];
    case "function_call_output":
    case "custom_tool_call_output":
      return [toolResponse(item.call_id, item.output)];
    case "reasoning":
      return [...objectsOf(item.summary), ...objectsOf(item.content)].flatMap(({ text }) =>
        textParts(text, "reasoning"),
      );
    case "image_generation_call":
      return medium(item.result, "image");
    default:
      return [otherPart(item)];
  }
}
