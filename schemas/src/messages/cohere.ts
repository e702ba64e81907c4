import { type JsonObject, objectOf, objectsOf, wordOf } from "../json-value.ts";
import type { Message, Part } from "./message.ts";
import type { MessageReader } from "./message-reader.ts";
import { messageOf } from "./openai-chat.ts";
import { joined, textParts, toolCall } from "./parts.ts";
import { toolDefinitions } from "./tool-definitions.ts";

/** Cohere's chat, v2 and v1, whole or as events. Requests of v2 are OpenAI's. https://docs.cohere.com/reference/chat */
export const cohere: MessageReader = {
  format: "cohere",

  prompt(body) {
    if (typeof body.message !== "string") return undefined;
    const history = objectsOf(body.chat_history).map(
      ({ role, message }): Message => ({ role: roleOf(role), parts: textParts(message) }),
    );
    return {
      system: textParts(body.preamble),
      input: [...history, { role: "user", parts: textParts(body.message) }],
      tools: toolDefinitions(body.tools),
    };
  },

  answer(bodies) {
    const message = answerOf(bodies);
    return message && { output: [message] };
  },
};

function answerOf(bodies: readonly JsonObject[]): Message | undefined {
  const [body = {}] = bodies;
  if (bodies.some(({ type }) => type === "message-start" || type === "content-delta")) return streamedV2(bodies);
  if (bodies.some(({ event_type }) => typeof event_type === "string")) return streamedV1(bodies);
  const message = objectOf(body.message);
  // An event of the semantic conventions has both too, and an index.
  if (message && wordOf(body.finish_reason) !== undefined && body.index === undefined) {
    const { parts } = messageOf(message);
    return ended({ role: "assistant", parts: [...textParts(message.tool_plan, "reasoning"), ...parts] }, body);
  }
  return typeof body.text === "string" && (body.generation_id ?? body.response_id) !== undefined ? v1(body) : undefined;
}

function v1(body: JsonObject): Message {
  const calls = objectsOf(body.tool_calls).map(({ name, parameters }) => toolCall(undefined, name, parameters));
  return ended({ role: "assistant", parts: [...textParts(body.text), ...calls] }, body);
}

function streamedV1(bodies: readonly JsonObject[]): Message {
  const end = bodies.findLast(({ event_type }) => event_type === "stream-end");
  const whole = objectOf(end?.response);
  if (end && whole) return { ...v1(whole), ...ended({ role: "assistant", parts: v1(whole).parts }, end) };
  const texts = bodies.filter(({ event_type }) => event_type === "text-generation");
  return { role: "assistant", parts: joined(texts.flatMap(({ text }) => textParts(text))) };
}

function streamedV2(bodies: readonly JsonObject[]): Message {
  const parts: Part[] = [];
  const calls = new Map<unknown, { id: unknown; name: unknown; args: string }>();
  let end: JsonObject = {};
  for (const body of bodies) {
    const delta = objectOf(body.delta) ?? {};
    const message = objectOf(delta.message);
    if (body.type === "message-end") end = delta;
    if (!message) continue;
    parts.push(...textParts(message.tool_plan, "reasoning"));
    const content = objectOf(message.content);
    if (content) parts.push(...textParts(content.text), ...textParts(content.thinking, "reasoning"));
    const call = objectOf(message.tool_calls);
    const said = objectOf(call?.function);
    if (!call || !said) continue;
    const known = calls.get(body.index) ?? { id: call.id, name: said.name, args: "" };
    known.args += wordOf(said.arguments) ?? "";
    calls.set(body.index, known);
  }
  const called = [...calls.values()].map(({ id, name, args }) => toolCall(id, name, args));
  return ended({ role: "assistant", parts: [...joined(parts), ...called] }, end);
}

function ended(message: Message, { finish_reason }: JsonObject): Message {
  const reason = wordOf(finish_reason);
  return reason === undefined ? message : { ...message, finish_reason: reason };
}

function roleOf(role: unknown): string {
  const name = wordOf(role)?.toLowerCase() ?? "user";
  return name === "chatbot" ? "assistant" : name;
}
