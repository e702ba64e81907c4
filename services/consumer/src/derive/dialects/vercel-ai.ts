import { countOf, type JsonObject, objectOf, objectsOf, parseJson, wordOf } from "@spanhouse/schemas/json-value";
import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import { type Slice, sliceLength, sliceOf, textOf } from "@spanhouse/schemas/slice";
import { AnswerCollector } from "../answer.ts";
import type { AttributeReader } from "../attribute-reader.ts";
import type { TokenCounts } from "../usage.ts";
import type { DialectReader, DialectReading } from "./dialect-reader.ts";
import { leastCachedPrompt } from "./untold-cache.ts";

/**
 * The Vercel AI SDK. Up to version 6 (and `LegacyOpenTelemetry` of 7) it writes `ai.*` with some GenAI names beside
 * them: a span for what was called (`ai.generateText`) and one for each call of a provider below it
 * (`ai.generateText.doGenerate`), both with usage. Version 7 writes the GenAI names alone, in the scope `gen_ai`.
 * https://github.com/vercel/ai, packages/ai/src/telemetry, packages/otel/src
 */
const key = {
  operationId: keyId("ai.operationId"),
  provider: keyId("ai.model.provider"),
  model: keyId("ai.model.id"),
  responseId: keyId("ai.response.id"),
  responseModel: keyId("ai.response.model"),
  finishReason: keyId("ai.response.finishReason"),
  providerMetadata: keyId("ai.response.providerMetadata"),
  msToFirstChunk: keyId("ai.response.msToFirstChunk"),
  text: keyId("ai.response.text"),
  object: keyId("ai.response.object"),
  toolCalls: keyId("ai.response.toolCalls"),
  promptMessages: keyId("ai.prompt.messages"),
  prompt: keyId("ai.prompt"),
  values: keyId("ai.values"),
  value: keyId("ai.value"),
  documents: keyId("ai.documents"),
  embeddings: keyId("ai.embeddings"),
  embedding: keyId("ai.embedding"),
  toolName: keyId("ai.toolCall.name"),
  toolId: keyId("ai.toolCall.id"),
  toolArguments: keyId("ai.toolCall.args"),
  toolResult: keyId("ai.toolCall.result"),
  functionId: keyId("ai.telemetry.functionId"),
  userId: keyId("ai.telemetry.metadata.userId"),
  sessionId: keyId("ai.telemetry.metadata.sessionId"),
  genaiFinishReasons: keyId("gen_ai.response.finish_reasons"),
  genaiOperation: keyId("gen_ai.operation.name"),
  secondsToFirstChunk: keyId("gen_ai.client.operation.time_to_first_chunk"),
} as const;

const count = {
  input: [keyId("ai.usage.inputTokens"), keyId("ai.usage.promptTokens"), keyId("ai.usage.tokens")],
  promptTokens: keyId("ai.usage.promptTokens"),
  output: [keyId("ai.usage.outputTokens"), keyId("ai.usage.completionTokens")],
  cacheRead: [keyId("ai.usage.inputTokenDetails.cacheReadTokens"), keyId("ai.usage.cachedInputTokens")],
  cacheWrite: keyId("ai.usage.inputTokenDetails.cacheWriteTokens"),
  reasoning: [keyId("ai.usage.outputTokenDetails.reasoningTokens"), keyId("ai.usage.reasoningTokens")],
} as const;

/** `ai.generateText.doGenerate` is a call of a provider, `ai.generateText` what the program called. */
const operationOfCall: ReadonlyMap<string, string> = new Map([
  ["ai.generateText.doGenerate", "chat"],
  ["ai.streamText.doStream", "chat"],
  ["ai.generateObject.doGenerate", "chat"],
  ["ai.streamObject.doStream", "chat"],
  ["ai.embed.doEmbed", "embeddings"],
  ["ai.embedMany.doEmbed", "embeddings"],
  ["ai.rerank.doRerank", "rerank"],
  ["ai.toolCall", "execute_tool"],
]);

/** Around calls that all tell their usage, and are no generations as an agent's are. */
const wrapperWithoutUsage: ReadonlySet<string> = new Set(["ai.embed", "ai.embedMany", "ai.rerank"]);

/** Metadata with log probabilities can be large, and says nothing else then that is needed. */
const parsedBytesLimit = 65_536;

export const vercelAi: DialectReader = {
  name: "vercel-ai",

  claims: (attributes, span) =>
    attributes.has(key.operationId) || (span.scope.name === "gen_ai" && attributes.has(key.genaiOperation)),

  read: (attributes) => (attributes.has(key.operationId) ? readLegacy(attributes) : readCurrent(attributes)),
};

/** All but what follows stands under the GenAI names. */
function readCurrent(attributes: AttributeReader): DialectReading {
  const operation = attributes.text(key.genaiOperation);
  return {
    operation: operation === "agent_step" ? "task" : operation,
    finishReasons: conventional(attributes.texts(key.genaiFinishReasons)),
    timeToFirstChunkUs: microseconds(attributes.number(key.secondsToFirstChunk), 1e6),
  };
}

function readLegacy(attributes: AttributeReader): DialectReading {
  const operationId = attributes.text(key.operationId) ?? "";
  const operation = operationOfCall.get(operationId) ?? "invoke_workflow";
  const isCall = operation === "chat" || operation === "embeddings" || operation === "rerank";
  const metadata = metadataOf(attributes.content(key.providerMetadata));
  const answer = new AnswerCollector();
  const text = attributes.content(key.text, key.object);
  const toolCalls = attributes.content(key.toolCalls);
  if (text) answer.text(textOf(text));
  if (toolCalls) readToolCalls(toolCalls, answer);
  return {
    operation,
    // `openai.responses` is OpenAI by its responses API; so the SDK's own newer spans tell it too.
    provider: attributes.text(key.provider)?.split(".")[0],
    requestModel: attributes.text(key.model),
    responseModel: attributes.text(key.responseModel),
    responseId: attributes.text(key.responseId),
    serviceTier: wordOf(metadata.openai?.serviceTier) ?? wordOf(objectOf(metadata.anthropic?.usage)?.service_tier),
    toolName: attributes.text(key.toolName),
    toolCallId: attributes.text(key.toolId),
    agentName: operation === "invoke_workflow" ? attributes.text(key.functionId) : undefined,
    userId: attributes.text(key.userId),
    conversationId: attributes.text(key.sessionId),
    usage: wrapperWithoutUsage.has(operationId)
      ? undefined
      : readTokens(attributes, isCall ? objectOf(metadata.anthropic?.usage) : undefined),
    finishReasons: conventional(attributes.texts(key.finishReason, key.genaiFinishReasons)),
    timeToFirstChunkUs: microseconds(attributes.number(key.msToFirstChunk), 1e3),
    answer: text || toolCalls ? answer.answer : undefined,
    refusal: refusalOf(metadata.anthropic),
    request: attributes.content(key.promptMessages, key.prompt, key.values, key.value, key.documents),
    response: responseOf(text, toolCalls) ?? attributes.content(key.embeddings, key.embedding),
    toolArguments: attributes.content(key.toolArguments),
    toolResult: attributes.content(key.toolResult),
  };
}

function readToolCalls(json: Slice, answer: AnswerCollector): void {
  answer.hasToolCalls = true;
  if (sliceLength(json) > parsedBytesLimit) return;
  for (const { toolCallId, toolName } of objectsOf(parseJson(textOf(json)))) answer.toolCall(toolCallId, toolName);
}

/** What providers say beyond the SDK's own words, by the provider's name. */
function metadataOf(json: Slice | undefined): { readonly openai?: JsonObject; readonly anthropic?: JsonObject } {
  if (json === undefined || sliceLength(json) > parsedBytesLimit) return {};
  const metadata = objectOf(parseJson(textOf(json)));
  const openai = objectOf(metadata?.openai);
  const anthropic = objectOf(metadata?.anthropic);
  return { ...(openai && { openai }), ...(anthropic && { anthropic }) };
}

/** Anthropic's own usage counts where it is told: version 5 gives its input without the cache, 6 with it. */
function readTokens(attributes: AttributeReader, anthropic: JsonObject | undefined): TokenCounts | undefined {
  const input = attributes.count(...count.input);
  const output = attributes.count(...count.output);
  if (input === undefined && output === undefined) return undefined;
  if (anthropic) {
    const written = objectOf(anthropic.cache_creation);
    return {
      input: countOf(anthropic.input_tokens) ?? input,
      output: countOf(anthropic.output_tokens) ?? output,
      cacheRead: countOf(anthropic.cache_read_input_tokens),
      cacheWrite: countOf(anthropic.cache_creation_input_tokens),
      reasoning: countOf(objectOf(anthropic.output_tokens_details)?.thinking_tokens),
      units: {
        cache_write_1h_tokens: countOf(written?.ephemeral_1h_input_tokens),
        web_searches: countOf(objectOf(anthropic.server_tool_use)?.web_search_requests),
      },
      exclusiveInput: true,
    };
  }
  const cacheRead = attributes.count(...count.cacheRead);
  return {
    input,
    output,
    cacheRead,
    cacheWrite: attributes.count(count.cacheWrite),
    reasoning: attributes.count(...count.reasoning),
    // Version 5 leaves the cache out where it does not stream; `ai.usage.tokens` is that of embeddings, uncached.
    approximate: attributes.has(count.promptTokens) && cacheRead === undefined && (input ?? 0) >= leastCachedPrompt,
  };
}

function refusalOf(anthropic: JsonObject | undefined): DialectReading["refusal"] {
  const details = objectOf(anthropic?.stopDetails);
  return details?.type === "refusal" ? { text: wordOf(details.explanation) ?? "" } : undefined;
}

/** The SDK's words (`content-filter`, `tool-calls`) as the conventions spell them. */
function conventional(reasons: readonly string[] | undefined): readonly string[] | undefined {
  return reasons?.map((reason) => reason.replaceAll("-", "_"));
}

/** Text and tool calls stand in attributes of their own: with both, an object of both. */
function responseOf(text: Slice | undefined, toolCalls: Slice | undefined): Slice | undefined {
  if (text === undefined || toolCalls === undefined) return text ?? toolCalls;
  return sliceOf(JSON.stringify({ text: textOf(text), toolCalls: parseJson(textOf(toolCalls)) }));
}

const microsecondsOfADay = 86_400e6;

function microseconds(time: number | undefined, unit: number): number | undefined {
  const value = time === undefined ? 0 : Math.round(time * unit);
  return value > 0 && value < microsecondsOfADay ? value : undefined;
}
