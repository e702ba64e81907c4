import { countOf, objectOf } from "@spanhouse/schemas/json-value";
import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import type { TokenCounts } from "../usage.ts";
import type { DialectReader } from "./dialect-reader.ts";
import { shortJson } from "./short-json.ts";

/**
 * LangSmith's SDKs in OpenTelemetry mode: the GenAI names, which `semconv.ts` reads, and these beside them.
 * https://github.com/langchain-ai/langsmith-sdk, python/langsmith/_internal/otel/_otel_exporter.py
 */
const key = {
  kind: keyId("langsmith.span.kind"),
  usage: keyId("langsmith.metadata.usage_metadata"),
  usageItself: keyId("langsmith.usage_metadata"),
  provider: keyId("langsmith.metadata.ls_provider"),
  model: keyId("langsmith.metadata.ls_model_name"),
  threadId: keyId("langsmith.metadata.thread_id"),
  sessionId: keyId("langsmith.metadata.session_id"),
  conversationId: keyId("langsmith.metadata.conversation_id"),
  userId: keyId("langsmith.metadata.user_id"),
  prompt: keyId("gen_ai.prompt"),
  completion: keyId("gen_ai.completion"),
} as const;

const operationByKind: ReadonlyMap<string, string> = new Map([
  ["llm", "chat"],
  ["embedding", "embeddings"],
  ["chain", "invoke_workflow"],
  ["tool", "execute_tool"],
  ["retriever", "retrieval"],
]);

export const langsmith: DialectReader = {
  name: "langsmith",

  claims: (attributes) => attributes.has(key.kind),

  read(attributes, span) {
    const kind = attributes.text(key.kind) ?? "";
    const isTool = kind === "tool";
    const isModel = kind === "llm" || kind === "embedding";
    return {
      operation: operationByKind.get(kind) ?? (kind || undefined),
      provider: isModel ? attributes.text(key.provider) : undefined,
      requestModel: isModel ? attributes.text(key.model) : undefined,
      toolName: isTool ? span.name : undefined,
      usage: isModel ? readTokens(shortJson(attributes, key.usage, key.usageItself)) : undefined,
      userId: attributes.text(key.userId),
      conversationId: attributes.text(key.threadId, key.sessionId, key.conversationId),
      response: isModel ? attributes.content(key.completion) : undefined,
      responseIsBody: isModel,
      toolArguments: isTool ? attributes.content(key.prompt) : undefined,
      toolResult: isTool ? attributes.content(key.completion) : undefined,
      documents: kind === "retriever" ? attributes.content(key.completion) : undefined,
    };
  },
};

/** LangChain's `UsageMetadata`: input includes the cache, output includes reasoning. */
function readTokens(told: ReturnType<typeof shortJson>): TokenCounts | undefined {
  if (told === undefined) return undefined;
  const input = objectOf(told.input_token_details) ?? {};
  const output = objectOf(told.output_token_details) ?? {};
  const written1h = countOf(input.ephemeral_1h_input_tokens);
  const written5m = countOf(input.ephemeral_5m_input_tokens);
  return {
    input: countOf(told.input_tokens),
    output: countOf(told.output_tokens),
    cacheRead: countOf(input.cache_read),
    // Told by lifetime they are not told together as well.
    cacheWrite: countOf(input.cache_creation) || sumOf(written5m, written1h),
    reasoning: countOf(output.reasoning),
    units: {
      cache_write_1h_tokens: written1h,
      input_audio_tokens: countOf(input.audio),
      output_audio_tokens: countOf(output.audio),
    },
  };
}

function sumOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
}
