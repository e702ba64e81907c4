import {
  ArrayColumn,
  DictionaryColumn,
  FixedHexColumn,
  type NativeColumn,
  StringColumn,
  UIntColumn,
  WideColumn,
} from "../native-columns.ts";
import { durationUs, type VersionedSpan } from "./versioned-span.ts";

/** What `spans` is filled from: its columns by their names, of the types that its migrations declare. */
export type SpanColumns = ReturnType<typeof createSpanColumns>;

export function createSpanColumns() {
  return {
    project: new DictionaryColumn(),
    bucket: new UIntColumn("DateTime('UTC')", 4),
    lane: new UIntColumn("UInt8", 1),
    trace_id: new FixedHexColumn(16),
    span_id: new FixedHexColumn(8),
    version: new WideColumn("UInt64"),
    parent_span_id: new FixedHexColumn(8),
    start_time: new WideColumn("DateTime64(9, 'UTC')"),
    end_time: new WideColumn("DateTime64(9, 'UTC')"),
    duration_us: new WideColumn("UInt64"),
    time_to_first_chunk_us: new WideColumn("UInt64"),
    name: new DictionaryColumn(),
    kind: new DictionaryColumn(),
    scope: new DictionaryColumn(),
    dialect: new DictionaryColumn(),
    role: new DictionaryColumn(),
    family: new DictionaryColumn(),
    operation: new DictionaryColumn(),
    provider: new DictionaryColumn(),
    request_model: new DictionaryColumn(),
    response_model: new DictionaryColumn(),
    response_id: new StringColumn(),
    service_tier: new DictionaryColumn(),
    tool_name: new DictionaryColumn(),
    tool_call_id: new StringColumn(),
    agent_name: new DictionaryColumn(),
    user_id: new StringColumn(),
    conversation_id: new StringColumn(),
    tags: new ArrayColumn(new DictionaryColumn()),
    metadata: new ArrayColumn(new StringColumn(), new StringColumn()),
    environment: new DictionaryColumn(),
    service: new DictionaryColumn(),
    release: new DictionaryColumn(),
    region: new DictionaryColumn(),
    team: new DictionaryColumn(),
    cost_centre: new DictionaryColumn(),
    feature: new DictionaryColumn(),
    prompt: new DictionaryColumn(),
    credential: new DictionaryColumn(),
    usage_state: new DictionaryColumn(),
    input_tokens: new WideColumn("UInt64"),
    cache_read_tokens: new WideColumn("UInt64"),
    cache_write_tokens: new WideColumn("UInt64"),
    output_tokens: new WideColumn("UInt64"),
    reasoning_tokens: new WideColumn("UInt64"),
    units: new ArrayColumn(new DictionaryColumn(), new WideColumn("UInt64")),
    estimated_input_tokens: new WideColumn("UInt64"),
    estimated_output_tokens: new WideColumn("UInt64"),
    mapped_ownership: new UIntColumn("UInt8", 1),
    price_state: new DictionaryColumn(),
    cost: new WideColumn("Decimal(18, 12)"),
    estimated_cost: new WideColumn("Decimal(18, 12)"),
    cache_savings: new WideColumn("Decimal(18, 12)"),
    price_source: new DictionaryColumn(),
    price_version: new DictionaryColumn(),
    price_rule: new DictionaryColumn(),
    outcome: new DictionaryColumn(),
    refusal: new DictionaryColumn(),
    error_class: new DictionaryColumn(),
    error_type: new DictionaryColumn(),
    message: new StringColumn(),
    finish_reasons: new ArrayColumn(new DictionaryColumn()),
    attempt: new UIntColumn("UInt16", 2),
    fidelity: new DictionaryColumn(),
    flags: new UIntColumn("UInt32", 4),
    instance: new DictionaryColumn(),
    sequence: new WideColumn("UInt64"),
    called_tools: new ArrayColumn(new DictionaryColumn()),
    called_tool_ids: new ArrayColumn(new StringColumn()),
    returned_tool_calls: new ArrayColumn(new StringColumn()),
  } as const satisfies Readonly<Record<string, NativeColumn>>;
}

export const spanColumns = Object.keys(createSpanColumns());

/** Throws RangeError for a value that its column cannot hold; then some columns have the row and others have not. */
export function addSpan(c: SpanColumns, row: VersionedSpan): void {
  const { span } = row;
  const { usage, price, estimatedUsage, toolExchange } = span;
  c.project.add(span.project);
  c.bucket.add(row.bucket * 60);
  c.lane.add(row.lane);
  c.trace_id.add(span.traceId);
  c.span_id.add(span.spanId);
  c.version.addUnsigned(row.version);
  c.parent_span_id.add(span.parentSpanId);

  c.start_time.addSigned(span.startTime);
  c.end_time.addSigned(span.endTime);
  c.duration_us.addNumber(durationUs(span));
  c.time_to_first_chunk_us.addNumber(span.timeToFirstChunkUs);

  c.name.add(span.name);
  c.kind.add(span.kind);
  c.scope.add(span.scope);
  c.dialect.add(span.dialect);
  c.role.add(span.role);
  c.family.add(span.family);
  c.operation.add(span.operation);
  c.provider.add(span.provider);
  c.request_model.add(span.requestModel);
  c.response_model.add(span.responseModel);
  c.response_id.add(span.responseId);
  c.service_tier.add(span.serviceTier);
  c.tool_name.add(span.toolName);
  c.tool_call_id.add(span.toolCallId);
  c.agent_name.add(span.agentName);

  c.user_id.add(span.userId);
  c.conversation_id.add(span.conversationId);
  addTexts(c.tags, span.tags);
  const metadata = Object.entries(span.metadata);
  c.metadata.add(metadata.length, (i, keys, values) => {
    keys.add(metadata[i]![0]);
    values.add(metadata[i]![1]);
  });

  c.environment.add(span.environment);
  c.service.add(span.service);
  c.release.add(span.release);
  c.region.add(span.region);
  c.team.add(span.team);
  c.cost_centre.add(span.costCentre);
  c.feature.add(span.feature);
  c.prompt.add(span.prompt);
  c.credential.add(span.credential);

  c.usage_state.add(span.usageState);
  c.input_tokens.addNumber(usage.inputTokens);
  c.cache_read_tokens.addNumber(usage.cacheReadTokens);
  c.cache_write_tokens.addNumber(usage.cacheWriteTokens);
  c.output_tokens.addNumber(usage.outputTokens);
  c.reasoning_tokens.addNumber(usage.reasoningTokens);
  const units = Object.entries(usage.units);
  c.units.add(units.length, (i, keys, values) => {
    keys.add(units[i]![0]);
    values.addNumber(units[i]![1]);
  });
  c.estimated_input_tokens.addNumber(estimatedUsage?.inputTokens ?? 0);
  c.estimated_output_tokens.addNumber(estimatedUsage?.outputTokens ?? 0);
  c.mapped_ownership.add(span.mappedOwnership);

  c.price_state.add(price.state);
  c.cost.addDecimal(price.cost);
  c.estimated_cost.addDecimal(price.estimatedCost);
  c.cache_savings.addDecimal(price.cacheSavings);
  c.price_source.add(price.source);
  c.price_version.add(price.version);
  c.price_rule.add(price.rule);

  c.outcome.add(span.outcome);
  c.refusal.add(span.refusal);
  c.error_class.add(span.errorClass);
  c.error_type.add(span.signals.errorType);
  c.message.add(span.message);
  addTexts(c.finish_reasons, span.finishReasons);
  c.attempt.add(span.attempt);
  c.fidelity.add(span.fidelity);
  c.flags.add(span.flags);
  c.instance.add(span.instance);
  c.sequence.addNumber(span.sequence);

  const calls = toolExchange?.calls ?? nothing;
  c.called_tools.add(calls.length, (i, names) => names.add(calls[i]!.name));
  c.called_tool_ids.add(calls.length, (i, ids) => ids.add(calls[i]!.id));
  addTexts(c.returned_tool_calls, toolExchange?.results ?? nothing);
}

const nothing: readonly never[] = [];

function addTexts(column: ArrayColumn<DictionaryColumn | StringColumn>, texts: readonly string[]): void {
  column.add(texts.length, (i, elements) => elements.add(texts[i]!));
}
