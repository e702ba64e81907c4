import type { AttributeList, AttributeValue } from "../attributes.ts";
import type { Span } from "../span.ts";
import { BackwardWriter } from "./backward-writer.ts";
import type { EncodedSpan } from "./slabs.ts";

const writer = new BackwardWriter();

/**
 * An ended span as field 2 of OTLP's ScopeSpans: requests are made by joining such. `extra` attributes are written
 * before the span's own. https://github.com/open-telemetry/opentelemetry-proto, trace/v1
 */
export const encodeSpan = (span: Span, endMs: number, extra: AttributeList): EncodedSpan => {
  const { error, events } = span;
  if (error !== undefined) {
    const before = writer.size;
    writer.varintField(3, 2);
    writer.stringField(2, error);
    writer.header(15, before);
  }
  for (let i = events.length - 1; i >= 0; i--) {
    const event = events[i]!;
    const before = writer.size;
    writeAttributes(3, event.attributes);
    writer.stringField(2, event.name);
    writer.timeField(1, event.timeMs);
    writer.header(11, before);
  }
  writeAttributes(9, span.attributes);
  writeAttributes(9, span.inherited);
  writeAttributes(9, extra);
  if (endMs > 0) writer.timeField(8, endMs);
  writer.timeField(7, span.startMs);
  writer.varintField(6, span.kind);
  writer.stringField(5, span.name);
  if (span.parentSpanId !== undefined) writer.hexField(4, span.parentSpanId);
  writer.hexField(2, span.spanId);
  writer.hexField(1, span.traceId);
  writer.header(2, 0);
  return writer.take();
};

/** What stands before the spans in a ScopeSpans, and before that in a ResourceSpans. */
export interface RequestHead {
  readonly resource: Uint8Array;
  readonly scope: Uint8Array;
}

export const encodeHead = (resource: AttributeList, scopeName: string, scopeVersion: string): RequestHead => {
  writeAttributes(1, resource);
  writer.header(1, 0);
  const resourceBytes = writer.takeCopy();
  writer.stringField(2, scopeVersion);
  writer.stringField(1, scopeName);
  writer.header(1, 0);
  return { resource: resourceBytes, scope: writer.takeCopy() };
};

/** An ExportTraceServiceRequest of spans that `encodeSpan` made, in pieces: to join them would copy them all. */
export const encodeRequest = (
  { resource, scope }: RequestHead,
  spans: readonly Uint8Array[],
): readonly Uint8Array[] => {
  const scopeSize = spans.reduce((size, { length }) => size + length, scope.length);
  writer.varint(scopeSize);
  writer.varint((2 << 3) | 2);
  const scopeHeader = writer.takeCopy();
  const resourceSize = resource.length + scopeHeader.length + scopeSize;
  writer.varint(resourceSize);
  writer.varint((1 << 3) | 2);
  const resourceHeader = writer.takeCopy();

  return [resourceHeader, resource, scopeHeader, scope, ...runsOf(spans)];
};

/** Spans that lie one in front of the other in memory, as most do, are one piece; their order is of no meaning. */
const runsOf = (spans: readonly Uint8Array[]): readonly Uint8Array[] => {
  const runs: Uint8Array[] = [];
  for (let i = 0; i < spans.length; ) {
    const { buffer, byteOffset, byteLength } = spans[i++]!;
    let start = byteOffset;
    while (i < spans.length && spans[i]!.buffer === buffer && spans[i]!.byteOffset + spans[i]!.byteLength === start) {
      start = spans[i++]!.byteOffset;
    }
    runs.push(new Uint8Array(buffer, start, byteOffset + byteLength - start));
  }
  return runs;
};

const writeAttributes = (field: number, list: AttributeList): void => {
  for (let i = list.length - 2; i >= 0; i -= 2) {
    const before = writer.size;
    writeValue(list[i + 1]!);
    writer.header(2, before);
    writer.stringField(1, list[i] as string);
    writer.header(field, before);
  }
};

/** The fields of an AnyValue. */
const writeValue = (value: AttributeValue | Uint8Array): void => {
  if (typeof value === "string") {
    writer.stringField(1, value);
    return;
  }
  if (typeof value === "number") {
    if (Number.isSafeInteger(value)) writer.int64Field(3, value);
    else writer.doubleField(4, value);
    return;
  }
  if (typeof value === "boolean") {
    writer.varintField(2, value ? 1 : 0);
    return;
  }
  if (value instanceof Uint8Array) {
    writer.bytesField(1, value);
    return;
  }
  if (!Array.isArray(value)) {
    // Programs without types say what they like.
    writer.stringField(1, String(value));
    return;
  }
  const before = writer.size;
  for (let i = value.length - 1; i >= 0; i--) {
    const element = writer.size;
    writer.stringField(1, String(value[i]));
    writer.header(1, element);
  }
  writer.header(5, before);
};
