import { KeyValueReader, readBool, readInt64, ValueReader } from "./attribute-value.ts";
import { ValueType } from "./attributes.ts";
import { Cursor, WireType } from "./cursor.ts";
import type { DecodedTraces } from "./decoded.ts";
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
  Status,
} from "./model.ts";
import { bufferOver } from "./text.ts";

/** The whole request as plain objects, rejected spans too. For printing and testing: it copies every text. */
export function toModel(traces: DecodedTraces): ExportTraceServiceRequest {
  const reader = new ModelReader(traces.bytes);
  const resourceSpans: ResourceSpans[] = [];
  reader.fields(traces.bytes.length, (tag, end) => {
    if (tag !== message(1)) return false;
    resourceSpans.push(reader.resourceSpans(end()));
    return true;
  });
  return { resourceSpans };
}

type Mutable<Message> = { -readonly [Field in keyof Message]: Message[Field] };

const message = (field: number): number => (field << 3) | WireType.delimited;
const varint = (field: number): number => (field << 3) | WireType.varint;
const fixed64 = (field: number): number => (field << 3) | WireType.fixed64;
const fixed32 = (field: number): number => (field << 3) | WireType.fixed32;

/** Reads a message that was decoded before: it is known to be well formed. Zeros read as fields left out. */
class ModelReader {
  private readonly buffer;
  private readonly cursor;

  constructor(bytes: Uint8Array) {
    this.buffer = bufferOver(bytes);
    this.cursor = new Cursor(this.buffer);
  }

  /** Gives each field to `take`, which reads its value or says that it did not. `end` opens a delimited one. */
  fields(end: number, take: (tag: number, end: () => number) => boolean): void {
    const { cursor } = this;
    const open = (): number => cursor.delimited(end);
    while (cursor.pos < end) {
      const tag = cursor.tag(end);
      if (!take(tag, open)) cursor.skip(tag, end);
    }
  }

  resourceSpans(end: number): ResourceSpans {
    const scopeSpans: ScopeSpans[] = [];
    const found: Mutable<ResourceSpans> = { scopeSpans };
    this.fields(end, (tag, open) => {
      if (tag === message(1)) found.resource = this.resource(open());
      else if (tag === message(2) || tag === message(1000)) scopeSpans.push(this.scopeSpans(open()));
      else if (tag === message(3)) set(found, "schemaUrl", this.text(open()));
      else return false;
      return true;
    });
    return found;
  }

  private resource(end: number): Resource {
    const attributes: KeyValue[] = [];
    const found: Mutable<Resource> = { attributes };
    this.fields(end, (tag, open) => {
      if (tag === message(1)) attributes.push(this.keyValue(open()));
      else if (tag === varint(2)) set(found, "droppedAttributesCount", this.uint32());
      else return false;
      return true;
    });
    return found;
  }

  private scopeSpans(end: number): ScopeSpans {
    const spans: Span[] = [];
    const found: Mutable<ScopeSpans> = { spans };
    this.fields(end, (tag, open) => {
      if (tag === message(1)) found.scope = this.scope(open());
      else if (tag === message(2)) spans.push(this.span(open()));
      else if (tag === message(3)) set(found, "schemaUrl", this.text(open()));
      else return false;
      return true;
    });
    return found;
  }

  private scope(end: number): InstrumentationScope {
    const attributes: KeyValue[] = [];
    const found: Mutable<InstrumentationScope> = {};
    this.fields(end, (tag, open) => {
      if (tag === message(1)) set(found, "name", this.text(open()));
      else if (tag === message(2)) set(found, "version", this.text(open()));
      else if (tag === message(3)) attributes.push(this.keyValue(open()));
      else if (tag === varint(4)) set(found, "droppedAttributesCount", this.uint32());
      else return false;
      return true;
    });
    if (attributes.length > 0) found.attributes = attributes;
    return found;
  }

  private span(end: number): Span {
    const attributes: KeyValue[] = [];
    const events: Event[] = [];
    const links: Link[] = [];
    const found: Mutable<Span> = {};
    this.fields(end, (tag, open) => {
      if (tag === message(1)) set(found, "traceId", this.hex(open()));
      else if (tag === message(2)) set(found, "spanId", this.hex(open()));
      else if (tag === message(3)) set(found, "traceState", this.text(open()));
      else if (tag === message(4)) set(found, "parentSpanId", this.hex(open()));
      else if (tag === message(5)) set(found, "name", this.text(open()));
      else if (tag === varint(6)) set(found, "kind", this.uint32());
      else if (tag === fixed64(7)) set(found, "startTimeUnixNano", this.fixed64());
      else if (tag === fixed64(8)) set(found, "endTimeUnixNano", this.fixed64());
      else if (tag === message(9)) attributes.push(this.keyValue(open()));
      else if (tag === varint(10)) set(found, "droppedAttributesCount", this.uint32());
      else if (tag === message(11)) events.push(this.event(open()));
      else if (tag === varint(12)) set(found, "droppedEventsCount", this.uint32());
      else if (tag === message(13)) links.push(this.link(open()));
      else if (tag === varint(14)) set(found, "droppedLinksCount", this.uint32());
      else if (tag === message(15)) found.status = this.status(open());
      else if (tag === fixed32(16)) set(found, "flags", this.fixed32());
      else return false;
      return true;
    });
    if (attributes.length > 0) found.attributes = attributes;
    if (events.length > 0) found.events = events;
    if (links.length > 0) found.links = links;
    return found;
  }

  private event(end: number): Event {
    const attributes: KeyValue[] = [];
    const found: Mutable<Event> = {};
    this.fields(end, (tag, open) => {
      if (tag === fixed64(1)) set(found, "timeUnixNano", this.fixed64());
      else if (tag === message(2)) set(found, "name", this.text(open()));
      else if (tag === message(3)) attributes.push(this.keyValue(open()));
      else if (tag === varint(4)) set(found, "droppedAttributesCount", this.uint32());
      else return false;
      return true;
    });
    if (attributes.length > 0) found.attributes = attributes;
    return found;
  }

  private link(end: number): Link {
    const attributes: KeyValue[] = [];
    const found: Mutable<Link> = {};
    this.fields(end, (tag, open) => {
      if (tag === message(1)) set(found, "traceId", this.hex(open()));
      else if (tag === message(2)) set(found, "spanId", this.hex(open()));
      else if (tag === message(3)) set(found, "traceState", this.text(open()));
      else if (tag === message(4)) attributes.push(this.keyValue(open()));
      else if (tag === varint(5)) set(found, "droppedAttributesCount", this.uint32());
      else if (tag === fixed32(6)) set(found, "flags", this.fixed32());
      else return false;
      return true;
    });
    if (attributes.length > 0) found.attributes = attributes;
    return found;
  }

  private status(end: number): Status {
    const found: Mutable<Status> = {};
    this.fields(end, (tag, open) => {
      if (tag === message(2)) set(found, "message", this.text(open()));
      else if (tag === varint(3)) set(found, "code", this.uint32());
      else return false;
      return true;
    });
    return found;
  }

  private keyValue(end: number): KeyValue {
    const reader = new KeyValueReader();
    reader.read(this.cursor, end);
    return { key: this.buffer.toString("utf8", reader.keyStart, reader.keyEnd), value: this.value(reader.value) };
  }

  private value({ type, start, end }: ValueReader): AnyValue {
    const { buffer } = this;
    switch (type) {
      case ValueType.empty:
        return { type: "empty" };
      case ValueType.string:
        return { type: "string", value: buffer.toString("utf8", start, end) };
      case ValueType.bool:
        return { type: "bool", value: readBool(buffer, start, end) };
      case ValueType.int:
        return { type: "int", value: readInt64(buffer, start, end) };
      case ValueType.double:
        return { type: "double", value: buffer.readDoubleLE(start) };
      case ValueType.array:
        return { type: "array", value: this.nested(start, end, (stop) => this.anyValue(stop)) };
      case ValueType.kvlist:
        return { type: "kvlist", value: this.nested(start, end, (stop) => this.keyValue(stop)) };
      case ValueType.bytes:
        return { type: "bytes", value: new Uint8Array(buffer.subarray(start, end)) };
    }
  }

  private anyValue(end: number): AnyValue {
    const reader = new ValueReader();
    reader.read(this.cursor, end);
    return this.value(reader);
  }

  /** The messages in field 1 of [start, end); the cursor comes back to where it was. */
  private nested<Message>(start: number, end: number, read: (end: number) => Message): Message[] {
    const back = this.cursor.pos;
    const found: Message[] = [];
    this.cursor.pos = start;
    this.fields(end, (tag, open) => {
      if (tag !== message(1)) return false;
      found.push(read(open()));
      return true;
    });
    this.cursor.pos = back;
    return found;
  }

  private text(end: number): string {
    const start = this.cursor.pos;
    this.cursor.pos = end;
    return this.buffer.toString("utf8", start, end);
  }

  private hex(end: number): string {
    const start = this.cursor.pos;
    this.cursor.pos = end;
    return this.buffer.toString("hex", start, end);
  }

  private uint32(): number {
    const value = this.cursor.varint(this.buffer.length);
    return value % 2 ** 32;
  }

  private fixed32(): number {
    return this.buffer.readUInt32LE(this.cursor.fixed(4, this.buffer.length));
  }

  private fixed64(): bigint {
    return this.buffer.readBigUInt64LE(this.cursor.fixed(8, this.buffer.length));
  }
}

/** A field that stands twice counts as its last; a zero is the same as left out. */
function set<Message, Field extends keyof Message>(
  found: Message,
  field: Field,
  value: NonNullable<Message[Field]>,
): void {
  if (value) found[field] = value;
  else delete found[field];
}
