import { MessageWriter } from "./message-writer.ts";
import type {
  AnyValue,
  Event,
  ExportTraceServiceRequest,
  InstrumentationScope,
  KeyValue,
  Link,
  Resource,
  ResourceSpans,
  ScopeSpans,
  Span,
} from "./model.ts";

/** The request in protobuf, fields in the order of their numbers. Throws RangeError on an id that is not hex. */
export function encodeTraces(request: ExportTraceServiceRequest): Uint8Array {
  const writer = new MessageWriter();
  each(request.resourceSpans, (resourceSpans) => writeResourceSpans(writer, 1, resourceSpans));
  return writer.finish();
}

/** Last first: the writer goes backwards. */
function each<Item>(items: readonly Item[] | undefined, write: (item: Item) => void): void {
  if (items !== undefined) for (let index = items.length - 1; index >= 0; index--) write(items[index]!);
}

function writeResourceSpans(writer: MessageWriter, field: number, value: ResourceSpans): void {
  const mark = writer.mark();
  if (value.schemaUrl) writer.string(3, value.schemaUrl);
  each(value.scopeSpans, (scopeSpans) => writeScopeSpans(writer, 2, scopeSpans));
  if (value.resource) writeResource(writer, 1, value.resource);
  writer.message(field, mark);
}

function writeResource(writer: MessageWriter, field: number, value: Resource): void {
  const mark = writer.mark();
  if (value.droppedAttributesCount) writer.uint32(2, value.droppedAttributesCount);
  writeAttributes(writer, 1, value.attributes);
  writer.message(field, mark);
}

function writeScopeSpans(writer: MessageWriter, field: number, value: ScopeSpans): void {
  const mark = writer.mark();
  if (value.schemaUrl) writer.string(3, value.schemaUrl);
  each(value.spans, (span) => writeSpan(writer, 2, span));
  if (value.scope) writeScope(writer, 1, value.scope);
  writer.message(field, mark);
}

function writeScope(writer: MessageWriter, field: number, value: InstrumentationScope): void {
  const mark = writer.mark();
  if (value.droppedAttributesCount) writer.uint32(4, value.droppedAttributesCount);
  writeAttributes(writer, 3, value.attributes);
  if (value.version) writer.string(2, value.version);
  if (value.name) writer.string(1, value.name);
  writer.message(field, mark);
}

function writeSpan(writer: MessageWriter, field: number, value: Span): void {
  const mark = writer.mark();
  if (value.flags) writer.fixed32(16, value.flags);
  if (value.status) {
    const statusMark = writer.mark();
    if (value.status.code) writer.uint32(3, value.status.code);
    if (value.status.message) writer.string(2, value.status.message);
    writer.message(15, statusMark);
  }
  if (value.droppedLinksCount) writer.uint32(14, value.droppedLinksCount);
  each(value.links, (link) => writeLink(writer, 13, link));
  if (value.droppedEventsCount) writer.uint32(12, value.droppedEventsCount);
  each(value.events, (event) => writeEvent(writer, 11, event));
  if (value.droppedAttributesCount) writer.uint32(10, value.droppedAttributesCount);
  writeAttributes(writer, 9, value.attributes);
  if (value.endTimeUnixNano) writer.fixed64(8, value.endTimeUnixNano);
  if (value.startTimeUnixNano) writer.fixed64(7, value.startTimeUnixNano);
  if (value.kind) writer.uint32(6, value.kind);
  if (value.name) writer.string(5, value.name);
  if (value.parentSpanId) writer.hex(4, value.parentSpanId);
  if (value.traceState) writer.string(3, value.traceState);
  if (value.spanId) writer.hex(2, value.spanId);
  if (value.traceId) writer.hex(1, value.traceId);
  writer.message(field, mark);
}

function writeEvent(writer: MessageWriter, field: number, value: Event): void {
  const mark = writer.mark();
  if (value.droppedAttributesCount) writer.uint32(4, value.droppedAttributesCount);
  writeAttributes(writer, 3, value.attributes);
  if (value.name) writer.string(2, value.name);
  if (value.timeUnixNano) writer.fixed64(1, value.timeUnixNano);
  writer.message(field, mark);
}

function writeLink(writer: MessageWriter, field: number, value: Link): void {
  const mark = writer.mark();
  if (value.flags) writer.fixed32(6, value.flags);
  if (value.droppedAttributesCount) writer.uint32(5, value.droppedAttributesCount);
  writeAttributes(writer, 4, value.attributes);
  if (value.traceState) writer.string(3, value.traceState);
  if (value.spanId) writer.hex(2, value.spanId);
  if (value.traceId) writer.hex(1, value.traceId);
  writer.message(field, mark);
}

function writeAttributes(writer: MessageWriter, field: number, attributes: readonly KeyValue[] | undefined): void {
  if (attributes === undefined) return;
  for (let index = attributes.length - 1; index >= 0; index--) {
    const { key, value } = attributes[index]!;
    const mark = writer.mark();
    writeValue(writer, 2, value);
    if (key !== "") writer.string(1, key);
    writer.message(field, mark);
  }
}

/** Within a value, a zero is written too: which field is set is its type. */
function writeValue(writer: MessageWriter, field: number, value: AnyValue): void {
  const mark = writer.mark();
  switch (value.type) {
    case "empty":
      break;
    case "string":
      writer.string(1, value.value);
      break;
    case "bool":
      writer.uint32(2, value.value ? 1 : 0);
      break;
    case "int":
      writer.int64(3, value.value);
      break;
    case "double":
      writer.double(4, value.value);
      break;
    case "array": {
      const inner = writer.mark();
      each(value.value, (item) => writeValue(writer, 1, item));
      writer.message(5, inner);
      break;
    }
    case "kvlist": {
      const inner = writer.mark();
      writeAttributes(writer, 1, value.value);
      writer.message(6, inner);
      break;
    }
    case "bytes":
      writer.bytes(7, value.value);
      break;
  }
  writer.message(field, mark);
}
