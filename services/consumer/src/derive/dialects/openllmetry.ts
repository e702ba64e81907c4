import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import type { DialectReader } from "./dialect-reader.ts";

/**
 * OpenLLMetry (Traceloop): writes the GenAI names, which `semconv.ts` reads, and these beside them.
 * https://github.com/traceloop/openllmetry, opentelemetry-semantic-conventions-ai
 */
const key = {
  spanKind: keyId("traceloop.span.kind"),
  entityName: keyId("traceloop.entity.name"),
  entityInput: keyId("traceloop.entity.input"),
  entityOutput: keyId("traceloop.entity.output"),
  requestType: keyId("llm.request.type"),
  totalTokens: keyId("llm.usage.total_tokens"),
  finishReason: keyId("llm.response.finish_reason"),
  stopReason: keyId("llm.response.stop_reason"),
  userId: keyId("traceloop.association.properties.user_id"),
  sessionId: keyId("traceloop.association.properties.session_id"),
  isStreaming: keyId("gen_ai.is_streaming"),
} as const;

/**
 * Replaces the usage of streams by a count of its own (`enrichTokens`, on by default), leaves out what was cached, and
 * no attribute says which calls were streams.
 */
const openaiOfJavaScript = "@traceloop/instrumentation-openai";

/** Adds the provisional output tokens at the start of a stream to those at its end. */
const anthropicOfPython = "opentelemetry.instrumentation.anthropic";

const evidence = [key.spanKind, key.requestType, key.totalTokens, key.userId, key.sessionId, key.isStreaming] as const;

const operationByKind: ReadonlyMap<string, string> = new Map([
  ["workflow", "invoke_workflow"],
  ["agent", "invoke_agent"],
  ["task", "task"],
  ["tool", "execute_tool"],
]);

const operationByRequestType: ReadonlyMap<string, string> = new Map([
  ["chat", "chat"],
  ["completion", "text_completion"],
  ["embedding", "embeddings"],
  ["rerank", "rerank"],
]);

export const openllmetry: DialectReader = {
  name: "openllmetry",

  claims: (attributes, span) => span.scope.name === openaiOfJavaScript || attributes.hasAny(evidence),

  read(attributes, span) {
    const kind = attributes.text(key.spanKind) ?? "";
    const requestType = attributes.text(key.requestType) ?? "";
    const operation = operationByKind.get(kind) ?? operationByRequestType.get(requestType);
    const entity = operation === undefined ? undefined : attributes.text(key.entityName);
    const input = attributes.content(key.entityInput);
    const output = attributes.content(key.entityOutput);
    const isTool = kind === "tool";
    return {
      operation,
      approximateUsage:
        span.scope.name === openaiOfJavaScript ||
        (span.scope.name === anthropicOfPython && attributes.bool(key.isStreaming)),
      toolName: isTool ? entity : undefined,
      agentName: kind === "agent" ? entity : undefined,
      finishReasons: attributes.texts(key.finishReason, key.stopReason),
      userId: attributes.text(key.userId),
      conversationId: attributes.text(key.sessionId),
      request: isTool ? undefined : input,
      response: isTool ? undefined : output,
      toolArguments: isTool ? input : undefined,
      toolResult: isTool ? output : undefined,
    };
  },
};
