import { type JsonObject, listOf, objectOf, objectsOf, wordOf } from "../json-value.ts";
import type { Message } from "./message.ts";
import type { MessageReader } from "./message-reader.ts";
import { messageOf as openaiMessageOf } from "./openai-chat.ts";
import { contentParts, textParts, toolCall, toolResponse } from "./parts.ts";
import { semconvParts } from "./semconv.ts";

/**
 * LangChain's serialised messages, as LangSmith and Traceloop write them: `{lc, id: [… "HumanMessage"], kwargs}` or
 * `{type: "human", content}`, perhaps in `inputs`, lists of lists, or `generations`.
 */
export const langchain: MessageReader = {
  format: "langchain",

  prompt(body) {
    const held = objectOf(body.inputs) ?? objectOf(body.input) ?? objectOf(body.kwargs) ?? body;
    const list = flat(held.messages ?? held.input ?? body.inputs);
    return list.some(isOwn) ? { input: list.map(messageOf) } : undefined;
  },

  answer(bodies) {
    const generations = bodies.flatMap((body) => flat(body.generations));
    if (generations.length > 0) {
      return {
        output: generations.map((generation) => {
          const message = objectOf(generation.message);
          const read = message ? messageOf(message) : { role: "assistant", parts: textParts(generation.text) };
          const info = objectOf(generation.generation_info) ?? objectOf(generation.generationInfo);
          const reason = wordOf(info?.finish_reason) ?? wordOf(info?.stop_reason);
          return reason === undefined ? read : { ...read, finish_reason: reason };
        }),
      };
    }
    const messages = [
      ...bodies.filter(isOwn),
      ...bodies.flatMap(stateMessages).filter((message) => isOwn(message) || isPlain(message)),
    ];
    return messages.length > 0 ? { output: messages.map(messageOf) } : undefined;
  },
};

/** The messages of a chain's state, or (LangGraph) of the updates and sends of a node. */
function stateMessages(body: JsonObject): readonly JsonObject[] {
  const held = objectOf(body.outputs) ?? objectOf(body.output) ?? body;
  const states = Array.isArray(held.output) ? objectsOf(held.output) : [held];
  return states.flatMap((state) => {
    if (isOwn(state)) return state === body ? [] : [state];
    return flat((objectOf(state.update) ?? objectOf(state.args) ?? state).messages);
  });
}

/** A batch of one is a list in a list. */
function flat(value: unknown): readonly JsonObject[] {
  return objectsOf(listOf(value).flat());
}

const roles: ReadonlyMap<string, string> = new Map([
  ...["human", "HumanMessage", "HumanMessageChunk"].map((name) => [name, "user"] as const),
  ...["ai", "AIMessage", "AIMessageChunk"].map((name) => [name, "assistant"] as const),
  ...["system", "SystemMessage"].map((name) => [name, "system"] as const),
  ...["tool", "ToolMessage", "function", "FunctionMessage"].map((name) => [name, "tool"] as const),
]);

function kindOf(message: JsonObject): string {
  const id = listOf(message.id).at(-1);
  return wordOf(message.lc === undefined ? message.type : id) ?? "";
}

function isOwn(message: JsonObject): boolean {
  return roles.has(kindOf(message)) && (message.kwargs ?? message.data ?? message.content) !== undefined;
}

/** Before a chain has made messages of them, its input's are OpenAI's. */
function isPlain(message: JsonObject): boolean {
  return typeof message.role === "string" && message.content !== undefined && message.parts === undefined;
}

function messageOf(message: JsonObject): Message {
  const role = roles.get(kindOf(message));
  if (role === undefined || !isOwn(message)) return openaiMessageOf(message);
  const said = objectOf(message.kwargs) ?? objectOf(message.data) ?? message;
  if (role === "tool") return { role, parts: [toolResponse(said.tool_call_id, said.content, said.name)] };
  const calls = objectsOf(said.tool_calls).map(({ id, name, args }) => toolCall(id, name, args));
  const info = objectOf(said.response_metadata);
  const reason = wordOf(info?.finish_reason) ?? wordOf(info?.stop_reason);
  return {
    role,
    // A call stands among the blocks of Anthropic's content too.
    parts: [...contentParts(said.content, (block) => (block.type === "tool_use" ? [] : semconvParts(block))), ...calls],
    ...(reason === undefined ? {} : { finish_reason: reason }),
  };
}
