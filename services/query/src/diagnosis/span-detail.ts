import type { SpanDetail } from "@spanhouse/schemas/api/spans";
import { formatDollars } from "@spanhouse/schemas/money";
import { type Slice, textOf } from "@spanhouse/schemas/slice";
import type { DerivedSpan } from "@spanhouse/schemas/span";

/** A span as the query API reads it back, without a store between: what the checks look at. */
export function spanDetail(span: DerivedSpan): SpanDetail {
  const { usage, price, content } = span;
  // One literal: of so many fields a spread each is what takes the time.
  return {
    trace_id: span.traceId,
    span_id: span.spanId,
    parent_span_id: span.parentSpanId || null,
    name: span.name,
    role: span.role,
    family: span.family,
    operation: span.operation,
    provider: span.provider,
    kind: span.kind,
    request_model: span.requestModel,
    response_model: span.responseModel,
    response_id: span.responseId,
    tool_name: span.toolName,
    tool_call_id: span.toolCallId,
    agent_name: span.agentName,
    service: span.service,
    start_time: timeOf(span.startTime),
    end_time: timeOf(span.endTime),
    duration_us: Number((span.endTime - span.startTime) / 1000n),
    time_to_first_chunk_us: span.timeToFirstChunkUs || null,
    usage_state: span.usageState,
    input_tokens: usage.inputTokens,
    cache_read_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    output_tokens: usage.outputTokens,
    reasoning_tokens: usage.reasoningTokens,
    units: usage.units,
    estimated_usage: null,
    price_state: price.state,
    cost: formatDollars(price.cost),
    estimated_cost: formatDollars(price.estimatedCost),
    cache_savings: formatDollars(price.cacheSavings),
    price_source: price.source,
    price_version: price.version,
    price_rule: price.rule,
    outcome: span.outcome,
    refusal: span.refusal,
    error_class: span.errorClass,
    message: span.message,
    attempt: span.attempt,
    open: false,
    aggregate: false,
    void: false,
    flags: [],
    dialect: span.dialect,
    service_tier: span.serviceTier,
    user_id: span.userId,
    tags: [...span.tags],
    conversation_id: span.conversationId,
    metadata: span.metadata,
    environment: span.environment,
    release: span.release,
    region: span.region,
    team: span.team,
    cost_centre: span.costCentre,
    feature: span.feature,
    prompt: span.prompt,
    credential: span.credential,
    owned_by_rule: [],
    error_type: span.signals.errorType,
    finish_reasons: [...span.finishReasons],
    erased: false,
    instance: "",
    sequence: "0",
    version: "0".repeat(16),
    fidelity: span.fidelity,
    scope_name: span.scope,
    scope_version: "",
    request: text(content.request),
    response: text(content.response),
    documents: text(content.documents),
    tool_arguments: text(content.toolArguments),
    tool_result: text(content.toolResult),
    text_bytes: { request: 0, response: 0, tool_arguments: 0, tool_result: 0 },
    attributes: [],
    resource_attributes: [],
    events: [],
    links: [],
    trace_state: "",
    status_message: "",
  };
}

function text(slice: Slice): string | null {
  return slice.end > slice.start ? textOf(slice) : null;
}

function timeOf(nanos: bigint): string {
  return `${new Date(Number(nanos / 1_000_000n)).toISOString().slice(0, 19)}.${(nanos % 1_000_000_000n).toString().padStart(9, "0")}Z`;
}
