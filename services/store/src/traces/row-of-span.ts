import type { VersionedSpan } from "../spans/versioned-span.ts";
import type { TraceRow } from "./trace-row.ts";

/** The row that a written span is, as it would be read back. A test compares both. */
export function traceRowOf({ span, bucket, version }: VersionedSpan): TraceRow {
  const { usage, price } = span;
  return {
    bucket,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    version,
    role: span.role,
    family: span.family,
    operation: span.operation,
    usageState: span.usageState,
    inputTokens: usage.inputTokens,
    cacheReadTokens: usage.cacheReadTokens,
    cacheWriteTokens: usage.cacheWriteTokens,
    outputTokens: usage.outputTokens,
    reasoningTokens: usage.reasoningTokens,
    cost: price.cost,
    estimatedCost: price.estimatedCost,
    cacheSavings: price.cacheSavings,
    priceState: price.state,
    responseId: span.responseId,
    requestModel: span.requestModel,
    responseModel: span.responseModel,
    provider: span.provider,
    name: span.name,
    service: span.service,
    environment: span.environment,
    userId: span.userId,
    conversationId: span.conversationId,
    tags: span.tags,
    startTime: span.startTime,
    endTime: span.endTime,
    outcome: span.outcome,
    refusal: span.refusal,
    errorClass: span.errorClass,
    isRetry: span.attempt > 1,
    toolName: span.toolName,
    feature: span.feature,
    release: span.release,
    team: span.team,
    prompt: span.prompt,
    message: span.message,
    flags: span.flags,
  };
}
