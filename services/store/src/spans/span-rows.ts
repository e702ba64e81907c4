import { bucketOf, possibleTime } from "@spanhouse/schemas/bucket";
import { laneOf } from "@spanhouse/schemas/lane";
import type { Attributes } from "@spanhouse/schemas/otlp/attributes";
import { ValueType } from "@spanhouse/schemas/otlp/attributes";
import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import type { Slice } from "@spanhouse/schemas/slice";
import type { DerivedSpan } from "@spanhouse/schemas/span";
import type { RowBinaryWriter } from "../row-binary.ts";
import { isErased } from "../version.ts";

/** A derived span with the version that its row carries, and its key; its times fit their columns. */
export interface VersionedSpan {
  readonly decoded: DecodedSpan;
  readonly span: DerivedSpan;
  readonly bucket: number;
  readonly lane: number;
  readonly version: bigint;
}

export function versionedSpan(decoded: DecodedSpan, span: DerivedSpan, version: bigint): VersionedSpan {
  return { decoded, span: storable(span), bucket: bucketOf(span.endTime), lane: laneOf(span.traceId), version };
}

const greatestTime = 0x7fff_ffff_ffff_ffffn;

/** DateTime64(9) ends in 2262: what lies beyond is kept as that. A span's flags say that it was impossible. */
export function storableTime(unixNano: bigint): bigint {
  return unixNano > greatestTime ? greatestTime : unixNano;
}

function storable(span: DerivedSpan): DerivedSpan {
  if (span.startTime <= greatestTime && span.endTime <= greatestTime) return span;
  return { ...span, startTime: storableTime(span.startTime), endTime: storableTime(span.endTime) };
}

/** Columns of `spans`, in the order in which `writeSpanRow` writes them. */
export const spanColumns = [
  ...["project", "bucket", "lane", "trace_id", "span_id", "version", "parent_span_id"],
  ...["start_time", "end_time", "duration_us", "time_to_first_chunk_us"],
  ...["name", "kind", "scope", "dialect", "role", "family", "operation", "provider", "request_model"],
  ...["response_model", "response_id", "service_tier", "tool_name", "tool_call_id", "agent_name"],
  ...["user_id", "conversation_id", "tags", "metadata"],
  ...["environment", "service", "release", "region", "team", "cost_centre", "feature", "prompt", "credential"],
  ...["usage_state", "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens"],
  ...["reasoning_tokens", "units"],
  ...["estimated_input_tokens", "estimated_output_tokens", "mapped_ownership"],
  ...["price_state", "cost", "estimated_cost", "cache_savings", "price_source", "price_version", "price_rule"],
  ...["outcome", "refusal", "error_class", "error_type", "message", "finish_reasons", "attempt", "fidelity"],
  ...["flags", "instance", "sequence"],
  ...["called_tools", "called_tool_ids", "returned_tool_calls"],
] as const;

function writeKey(w: RowBinaryWriter, { span, bucket, lane, version }: VersionedSpan): void {
  w.string(span.project);
  w.dateTime(bucket * 60);
  w.uint8(lane);
  w.fixedHex(span.traceId, 16);
  w.fixedHex(span.spanId, 8);
  w.uint64(version);
}

/** From start to end, µs; 0 where either is impossible or the end is first. */
export function durationUs(span: Pick<DerivedSpan, "startTime" | "endTime">): number {
  if (!possibleTime(span.startTime) || !possibleTime(span.endTime)) return 0;
  const duration = Number(span.endTime - span.startTime);
  return duration <= 0 ? 0 : Math.floor(duration / 1000);
}

function writeStrings(w: RowBinaryWriter, texts: readonly string[]): void {
  w.arrayLength(texts.length);
  for (const text of texts) w.string(text);
}

export function writeSpanRow(w: RowBinaryWriter, row: VersionedSpan): void {
  const { span } = row;
  const { usage, price } = span;
  writeKey(w, row);
  w.fixedHex(span.parentSpanId, 8);

  w.dateTime64(span.startTime);
  w.dateTime64(span.endTime);
  w.uint64(durationUs(span));
  w.uint64(span.timeToFirstChunkUs);

  w.string(span.name);
  w.string(span.kind);
  w.string(span.scope);
  w.string(span.dialect);
  w.string(span.role);
  w.string(span.family);
  w.string(span.operation);
  w.string(span.provider);
  w.string(span.requestModel);
  w.string(span.responseModel);
  w.string(span.responseId);
  w.string(span.serviceTier);
  w.string(span.toolName);
  w.string(span.toolCallId);
  w.string(span.agentName);

  w.string(span.userId);
  w.string(span.conversationId);
  writeStrings(w, span.tags);
  const metadata = Object.entries(span.metadata);
  w.arrayLength(metadata.length);
  for (const [key, value] of metadata) {
    w.string(key);
    w.string(value);
  }

  w.string(span.environment);
  w.string(span.service);
  w.string(span.release);
  w.string(span.region);
  w.string(span.team);
  w.string(span.costCentre);
  w.string(span.feature);
  w.string(span.prompt);
  w.string(span.credential);

  w.string(span.usageState);
  w.uint64(usage.inputTokens);
  w.uint64(usage.cacheReadTokens);
  w.uint64(usage.cacheWriteTokens);
  w.uint64(usage.outputTokens);
  w.uint64(usage.reasoningTokens);
  const units = Object.entries(usage.units);
  w.arrayLength(units.length);
  for (const [unit, count] of units) {
    w.string(unit);
    w.uint64(count);
  }

  w.uint64(span.estimatedUsage?.inputTokens ?? 0);
  w.uint64(span.estimatedUsage?.outputTokens ?? 0);
  w.uint8(span.mappedOwnership);

  w.string(price.state);
  w.decimal64(price.cost);
  w.decimal64(price.estimatedCost);
  w.decimal64(price.cacheSavings);
  w.string(price.source);
  w.string(price.version);
  w.string(price.rule);

  w.string(span.outcome);
  w.string(span.refusal);
  w.string(span.errorClass);
  w.string(span.signals.errorType);
  w.string(span.message);
  writeStrings(w, span.finishReasons);
  w.uint16(span.attempt);
  w.string(span.fidelity);
  w.uint32(span.flags);
  w.string(span.instance);
  w.uint64(span.sequence);

  const calls = span.toolExchange?.calls ?? [];
  w.arrayLength(calls.length);
  for (const { name } of calls) w.string(name);
  w.arrayLength(calls.length);
  for (const { id } of calls) w.string(id);
  writeStrings(w, span.toolExchange?.results ?? []);
}

/** Columns of `span_payloads`, in the order in which `writePayloadRow` writes them. */
export const payloadColumns = [
  ...["project", "bucket", "lane", "trace_id", "span_id", "version"],
  ...["request", "response", "tool_arguments", "tool_result", "documents"],
  ...["attributes", "attribute_types", "resource_attributes", "resource_attribute_types"],
  ...["scope_name", "scope_version", "events", "links", "trace_state", "status_message"],
] as const;

/** How many of them `writeKey` writes. */
const keyColumns = 6;

/** A letter per OTLP value type, so that an attribute can be given back with its type. */
const typeLetter: Readonly<Record<ValueType, string>> = {
  [ValueType.empty]: "e",
  [ValueType.string]: "s",
  [ValueType.bool]: "b",
  [ValueType.int]: "i",
  [ValueType.double]: "d",
  [ValueType.array]: "a",
  [ValueType.kvlist]: "k",
  [ValueType.bytes]: "x",
};

/** Indexes of the attributes under way: every span's in turn. */
const kept: number[] = [];

/** Attributes as Map(String, String) and their types; those whose text already stands in a column of its own are left out. */
function writeAttributes(w: RowBinaryWriter, attributes: Attributes, elsewhere: readonly Slice[]): void {
  const { bytes } = attributes;
  kept.length = 0;
  for (let i = 0; i < attributes.length; i++) {
    if (!isStored(elsewhere, bytes, attributes.start(i), attributes.end(i))) kept.push(i);
  }
  w.arrayLength(kept.length);
  let types = "";
  for (const i of kept) {
    const type = attributes.type(i);
    w.slice(attributes.keySlice(i));
    if (type === ValueType.string) w.stretch(bytes, attributes.start(i), attributes.end(i));
    else w.string(attributes.text(i) ?? attributeJson(attributes.json(i)));
    types += typeLetter[type];
  }
  w.string(types);
}

let lastResource: { readonly attributes: Attributes; readonly bytes: Uint8Array } | undefined;

/** The same for all spans of a resource, which mostly follow each other. */
function writeResource(w: RowBinaryWriter, attributes: Attributes): void {
  if (lastResource?.attributes === attributes) {
    w.written(lastResource.bytes);
    return;
  }
  const before = w.length;
  writeAttributes(w, attributes, noTexts);
  // A copy: the writer's memory is written over with its next rows.
  lastResource = { attributes, bytes: new Uint8Array(w.bytes().subarray(before)) };
}

const noTexts: readonly Slice[] = [];

/** Whether the text, which is not empty, is one of those that have a column of their own. */
function isStored(elsewhere: readonly Slice[], bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end) return false;
  for (const text of elsewhere) if (text.start === start && text.end === end && text.bytes === bytes) return true;
  return false;
}

function attributeJson(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function attributeObject(attributes: Attributes): Record<string, unknown> {
  const entries = Array.from({ length: attributes.length }, (_, i) => [attributes.key(i), attributes.json(i)] as const);
  return Object.fromEntries(entries);
}

export function writePayloadRow(w: RowBinaryWriter, row: VersionedSpan): void {
  if (isErased(row.version)) {
    writeBlankPayload(w, row);
    return;
  }
  const { decoded, span } = row;
  const { request, response, toolArguments, toolResult, documents } = span.content;
  const texts = [request, response, toolArguments, toolResult, documents];
  writeKey(w, row);
  for (const text of texts) w.slice(text);
  writeAttributes(w, decoded.attributes, texts);
  writeResource(w, decoded.resource.attributes);
  w.string(decoded.scope.name);
  w.string(decoded.scope.version);
  w.string(
    decoded.events.length === 0
      ? ""
      : JSON.stringify(
          decoded.events.map(({ timeUnixNano, name, attributes }) => ({
            timeUnixNano: timeUnixNano.toString(),
            name,
            attributes: attributeObject(attributes),
          })),
        ),
  );
  w.string(
    decoded.links.length === 0
      ? ""
      : JSON.stringify(
          decoded.links.map(({ traceId, spanId, attributes }) => ({
            traceId,
            spanId,
            attributes: attributeObject(attributes),
          })),
        ),
  );
  w.string(decoded.traceState);
  w.string(decoded.statusMessage);
}

/** The columns after the key are texts and maps: empty ones are all one zero byte. */
function writeBlankPayload(w: RowBinaryWriter, row: VersionedSpan): void {
  writeKey(w, row);
  for (let column = keyColumns; column < payloadColumns.length; column++) w.arrayLength(0);
}
