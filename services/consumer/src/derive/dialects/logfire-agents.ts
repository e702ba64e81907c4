import { wordOf } from "@spanhouse/schemas/json-value";
import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import type { DialectReader } from "./dialect-reader.ts";
import { shortJson } from "./short-json.ts";

/**
 * Pydantic Logfire's spans of OpenAI's agents: the attributes of that library's own spans by their bare names, with the
 * whole of a Responses API answer. What a span is says the template of its message.
 * https://github.com/pydantic/logfire, logfire/_internal/integrations/openai_agents.py
 */
const key = {
  template: keyId("logfire.msg_template"),
  name: keyId("name"),
  input: keyId("input"),
  output: keyId("output"),
  rawInput: keyId("raw_input"),
  response: keyId("response"),
  groupId: keyId("group_id"),
  /** Of the trace, as the program gave it; the library has no word for a user. */
  metadata: keyId("metadata"),
} as const;

const scope = "logfire.openai_agents";

const operationByTemplate: readonly (readonly [string, string])[] = [
  ["Responses API", "chat"],
  ["Chat completion", "chat"],
  ["Function", "execute_tool"],
  ["Agent run", "invoke_agent"],
  ["OpenAI Agents trace", "invoke_workflow"],
  ["Task", "task"],
  ["Turn", "task"],
];

export const logfireAgents: DialectReader = {
  name: "logfire",

  claims: (_attributes, span) => span.scope.name === scope,

  read(attributes) {
    const template = attributes.text(key.template) ?? "";
    const operation = operationByTemplate.find(([start]) => template.startsWith(start))?.[1];
    const isTool = operation === "execute_tool";
    const isModel = operation === "chat";
    const response = isModel ? attributes.content(key.response) : undefined;
    return {
      operation,
      toolName: isTool ? attributes.text(key.name) : undefined,
      agentName: operation === "invoke_agent" ? attributes.text(key.name) : undefined,
      userId: wordOf(shortJson(attributes, key.metadata)?.user_id),
      conversationId: attributes.text(key.groupId),
      request: isModel ? attributes.content(key.rawInput, key.input) : undefined,
      response,
      responseIsBody: response !== undefined,
      toolArguments: isTool ? attributes.content(key.input) : undefined,
      toolResult: isTool ? attributes.content(key.output) : undefined,
    };
  },
};
