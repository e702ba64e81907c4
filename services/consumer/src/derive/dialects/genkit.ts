import { countOf, type JsonObject, objectOf, objectsOf, parseJson, wordOf } from "@spanhouse/schemas/json-value";
import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import { type Slice, textOf } from "@spanhouse/schemas/slice";
import { type Answer, AnswerCollector } from "../answer.ts";
import { readResponseObject } from "../bodies/read-bodies.ts";
import type { TokenCounts } from "../usage.ts";
import type { DialectReader, DialectReading } from "./dialect-reader.ts";

/**
 * Firebase Genkit: attributes of its own under `genkit:`. A model's span is an action named `plugin/model`; its output is
 * Genkit's answer as JSON, and where the plugin passes it on, in `raw` the provider's own body.
 * https://github.com/genkit-ai/genkit, js/core/src/tracing/instrumentation.ts and js/ai/src/model.ts
 */
const key = {
  type: keyId("genkit:type"),
  subtype: keyId("genkit:metadata:subtype"),
  name: keyId("genkit:name"),
  input: keyId("genkit:input"),
  output: keyId("genkit:output"),
  flow: keyId("genkit:metadata:flow:name"),
  sessionId: keyId("genkit:sessionId"),
} as const;

const operationBySubtype: ReadonlyMap<string, string> = new Map([
  ["model", "chat"],
  ["background-model", "chat"],
  ["embedder", "embeddings"],
  ["reranker", "rerank"],
  ["retriever", "retrieval"],
  ["tool", "execute_tool"],
  ["flow", "invoke_workflow"],
  ["agent", "invoke_agent"],
]);

/** Genkit's plugins → the conventions' providers; others are called as they are. */
const providerByPlugin: ReadonlyMap<string, string> = new Map([
  ["googleai", "gcp.gemini"],
  ["vertexai", "gcp.vertex_ai"],
  ["googleai-v2", "gcp.gemini"],
  ["aws-bedrock", "aws.bedrock"],
  ["azure-openai", "azure.ai.openai"],
  ["xai", "x_ai"],
  ["mistral", "mistral_ai"],
]);

const modelOperations: ReadonlySet<string> = new Set(["chat", "embeddings", "rerank"]);

export const genkit: DialectReader = {
  name: "genkit",

  claims: (attributes) => attributes.has(key.type),

  read(attributes, span) {
    const operation = operationBySubtype.get(attributes.text(key.subtype) ?? "") ?? "task";
    const isModel = modelOperations.has(operation);
    const isTool = operation === "execute_tool";
    const name = attributes.text(key.name) ?? span.name;
    const output = attributes.content(key.output);
    return {
      operation,
      ...(isModel && called(name)),
      ...(operation === "chat" && output && answered(output)),
      toolName: isTool ? name : undefined,
      agentName: operation === "invoke_agent" ? name : undefined,
      conversationId: attributes.text(key.sessionId),
      request: isTool ? undefined : attributes.content(key.input),
      response: isTool ? undefined : output,
      toolArguments: isTool ? attributes.content(key.input) : undefined,
      toolResult: isTool ? output : undefined,
      documents: operation === "retrieval" ? output : undefined,
    };
  },
};

/** `openai/gpt-4.1-mini`: the plugin, then the model, which may have a slash itself. */
function called(name: string): DialectReading {
  const slash = name.indexOf("/");
  if (slash < 0) return { requestModel: name };
  const plugin = name.slice(0, slash);
  return { provider: providerByPlugin.get(plugin) ?? plugin, requestModel: name.slice(slash + 1) };
}

/** The provider's words before Genkit's, which leave out what was cached. */
function answered(output: Slice): DialectReading {
  const said = objectOf(parseJson(textOf(output)));
  if (said === undefined) return {};
  const raw = objectOf(said.raw) ?? objectOf(said.custom);
  const own = raw && readResponseObject(raw);
  const told = objectOf(said.usage);
  const finishReason = wordOf(said.finishReason);
  return {
    ...own,
    answer: own?.answer ?? answerIn(objectOf(said.message)),
    usage: own?.usage ?? (told && readTokens(told)),
    finishReasons: own?.finishReasons ?? (finishReason === undefined ? undefined : [finishReason]),
  };
}

function answerIn(message: JsonObject | undefined): Answer {
  const answer = new AnswerCollector();
  for (const part of objectsOf(message?.content)) {
    const call = objectOf(part.toolRequest);
    if (call) answer.toolCall(call.ref, call.name);
    else answer.text(part.text);
  }
  return answer.answer;
}

/** Not every plugin says what was cached, and with Anthropic's the cache is not in the input: then they are an estimate. */
function readTokens(told: JsonObject): TokenCounts {
  const output = countOf(told.outputTokens);
  const reasoning = countOf(told.thoughtsTokens);
  const cacheRead = countOf(told.cachedContentTokens);
  return {
    input: countOf(told.inputTokens),
    output: output === undefined ? undefined : output + (reasoning ?? 0),
    cacheRead,
    reasoning,
    approximate: cacheRead === undefined,
  };
}
