import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import type { AttributeReader } from "../attribute-reader.ts";
import type { TokenCounts } from "../usage.ts";
import type { DialectReader } from "./dialect-reader.ts";
import { answerOf } from "./message-answer.ts";
import { readExchange } from "./semconv-content.ts";
import { leavesCacheUntold } from "./untold-cache.ts";

/**
 * OpenTelemetry's GenAI semantic conventions: the names of 1.42 first, then the older ones, then `anthropic.*`, which the
 * Anthropic SDK's own spans have beside them for what the conventions do not know. Those spans do not say how many
 * searches a call made, nor why it refused.
 * https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/
 * https://github.com/anthropics/anthropic-sdk-typescript/blob/main/src/internal/tracing.ts
 */
const key = {
  operation: keyId("gen_ai.operation.name"),
  provider: keyId("gen_ai.provider.name"),
  system: keyId("gen_ai.system"),
  requestModel: keyId("gen_ai.request.model"),
  responseModel: keyId("gen_ai.response.model"),
  responseId: keyId("gen_ai.response.id"),
  finishReasons: keyId("gen_ai.response.finish_reasons"),
  finishReason: keyId("gen_ai.response.finish_reason"),
  anthropicStopReason: keyId("anthropic.message.stop_reason"),
  timeToFirstChunk: keyId("gen_ai.response.time_to_first_chunk"),
  timeToFirstToken: keyId("gen_ai.server.time_to_first_token"),
  toolName: keyId("gen_ai.tool.name"),
  toolCallId: keyId("gen_ai.tool.call.id"),
  toolArguments: keyId("gen_ai.tool.call.arguments"),
  toolResult: keyId("gen_ai.tool.call.result"),
  agentName: keyId("gen_ai.agent.name"),
  documents: keyId("gen_ai.retrieval.documents"),
} as const;

const serviceTier = [
  keyId("openai.response.service_tier"),
  keyId("gen_ai.openai.response.service_tier"),
  keyId("gen_ai.response.service_tier"),
  keyId("anthropic.response.service_tier"),
  keyId("openai.request.service_tier"),
  keyId("gen_ai.openai.request.service_tier"),
] as const;

const input = [keyId("gen_ai.usage.input_tokens"), keyId("gen_ai.usage.prompt_tokens")] as const;
const output = [keyId("gen_ai.usage.output_tokens"), keyId("gen_ai.usage.completion_tokens")] as const;
const cacheRead = [
  keyId("gen_ai.usage.cache_read.input_tokens"),
  keyId("gen_ai.usage.cache_read_input_tokens"),
  keyId("gen_ai.usage.cached_input_tokens"),
] as const;
const cacheWrite = [
  keyId("gen_ai.usage.cache_write.input_tokens"),
  keyId("gen_ai.usage.cache_creation.input_tokens"),
  keyId("gen_ai.usage.cache_creation_input_tokens"),
] as const;
/** Part of the cache writes; the others (`…ephemeral_5m_input_tokens`) are the rest. */
const cacheWrite1h = keyId("anthropic.usage.cache_creation.ephemeral_1h_input_tokens");
const reasoning = [
  keyId("gen_ai.usage.reasoning.output_tokens"),
  keyId("gen_ai.usage.output_tokens.reasoning"),
  keyId("gen_ai.usage.reasoning_tokens"),
] as const;

const evidence = [
  key.operation,
  key.provider,
  key.system,
  key.requestModel,
  key.responseModel,
  key.toolName,
  key.agentName,
  input[0],
  input[1],
] as const;

export const semconv: DialectReader = {
  name: "semconv",

  claims: (attributes) => attributes.hasAny(evidence),

  read(attributes, span) {
    const exchange = readExchange(attributes, span);
    const output = exchange.response && answerOf(exchange.response);
    const toolName = attributes.text(key.toolName);
    const usage = readTokens(attributes);
    return {
      operation: attributes.text(key.operation) ?? impliedOperation(span.name, toolName),
      provider: attributes.text(key.provider, key.system),
      requestModel: attributes.text(key.requestModel),
      responseModel: attributes.text(key.responseModel),
      responseId: attributes.text(key.responseId),
      serviceTier: attributes.text(...serviceTier),
      toolName,
      toolCallId: attributes.text(key.toolCallId),
      agentName: attributes.text(key.agentName),
      usage,
      finishReasons:
        attributes.texts(key.finishReasons, key.finishReason, key.anthropicStopReason) ?? output?.finishReasons,
      timeToFirstChunkUs: microseconds(attributes.number(key.timeToFirstChunk, key.timeToFirstToken)),
      answer: output?.answer,
      refusal: output?.refusal,
      request: exchange.request,
      response: exchange.response,
      approximateUsage: leavesCacheUntold(span.scope.name, usage),
      toolArguments: attributes.content(key.toolArguments),
      toolResult: attributes.content(key.toolResult),
      documents: attributes.content(key.documents),
    };
  },
};

/** Before 1.27 there was no operation name: instrumentations wrote it into the span's name, or nowhere. */
function impliedOperation(spanName: string, toolName: string | undefined): string | undefined {
  if (toolName !== undefined) return "execute_tool";
  return /embedding/i.test(spanName) ? "embeddings" : undefined;
}

function readTokens(attributes: AttributeReader): TokenCounts | undefined {
  const counts = {
    input: attributes.count(...input),
    output: attributes.count(...output),
    cacheRead: attributes.count(...cacheRead),
    cacheWrite: attributes.count(...cacheWrite),
    reasoning: attributes.count(...reasoning),
    units: { cache_write_1h_tokens: attributes.count(cacheWrite1h) },
  };
  return counts.input === undefined && counts.output === undefined ? undefined : counts;
}

/** Semantic conventions give durations in seconds. */
function microseconds(seconds: number | undefined): number | undefined {
  return seconds !== undefined && seconds > 0 && seconds < secondsOfADay ? Math.round(seconds * 1e6) : undefined;
}

const secondsOfADay = 86_400;
