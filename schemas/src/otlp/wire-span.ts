import type { Buffer } from "node:buffer";
import { TableAttributes } from "./attribute-table.ts";
import { Cursor, WireType } from "./cursor.ts";
import type { DecodedEvent, DecodedLink, DecodedSpan, RejectedSpan } from "./decoded.ts";
import { isZero, type RequestReader } from "./request-reader.ts";
import { checkMessage, eventShape, linkShape, textsAreUtf8 } from "./shapes.ts";
import { clippedText, validUtf8 } from "./text.ts";
import { mostEvents, readEvents, readLinks } from "./wire-event.ts";
import type { WireResource, WireScope } from "./wire-resource.ts";

const { varint, fixed64, delimited } = WireType;
const eventsAndLinks = { 11: eventShape, 13: linkShape };

/** A Span message that was walked once; its texts are read when asked for. */
export class WireSpan implements DecodedSpan {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly resource: WireResource;
  readonly scope: WireScope;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly invalidParent: boolean;
  readonly kind: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly statusCode: number;
  readonly attributes: TableAttributes;
  /** Why the span cannot be stored, if it cannot. */
  readonly rejection: Pick<RejectedSpan, "code" | "message"> | undefined;
  private readonly nameStart: number;
  private readonly nameEnd: number;
  private readonly traceStateStart: number;
  private readonly traceStateEnd: number;
  private readonly statusMessageStart: number;
  private readonly statusMessageEnd: number;
  private readonly eventCount: number;
  private readonly linkCount: number;
  private nameRead: string | undefined = undefined;
  private eventsRead: readonly DecodedEvent[] | undefined = undefined;
  private linksRead: readonly DecodedLink[] | undefined = undefined;

  /** Takes the Span message from the reader's cursor up to `end`. */
  constructor(request: RequestReader, end: number, resource: WireResource, scope: WireScope) {
    const { cursor, table } = request;
    const { bytes } = cursor;
    const start = cursor.pos;
    const firstRow = table.rows;
    let traceStart = start;
    let traceEnd = start;
    let idStart = start;
    let idEnd = start;
    let parentStart = start;
    let parentEnd = start;
    let nameStart = start;
    let nameEnd = start;
    let traceStateStart = start;
    let traceStateEnd = start;
    let messageStart = start;
    let messageEnd = start;
    let kind = 0;
    let statusCode = 0;
    let startTime = 0n;
    let endTime = 0n;
    let eventCount = 0;
    let linkCount = 0;
    while (cursor.pos < end) {
      const tag = cursor.tag(end);
      switch (tag) {
        case (1 << 3) | delimited:
          traceEnd = cursor.delimited(end);
          traceStart = cursor.pos;
          cursor.pos = traceEnd;
          break;
        case (2 << 3) | delimited:
          idEnd = cursor.delimited(end);
          idStart = cursor.pos;
          cursor.pos = idEnd;
          break;
        case (3 << 3) | delimited:
          traceStateEnd = cursor.delimited(end);
          traceStateStart = cursor.pos;
          cursor.pos = traceStateEnd;
          break;
        case (4 << 3) | delimited:
          parentEnd = cursor.delimited(end);
          parentStart = cursor.pos;
          cursor.pos = parentEnd;
          break;
        case (5 << 3) | delimited:
          nameEnd = cursor.delimited(end);
          nameStart = cursor.pos;
          cursor.pos = nameEnd;
          break;
        case (6 << 3) | varint:
          kind = cursor.varint(end);
          break;
        case (7 << 3) | fixed64: {
          const at = cursor.fixed(8, end);
          if (cursor.failure === undefined) startTime = cursor.view.getBigUint64(at, true);
          break;
        }
        case (8 << 3) | fixed64: {
          const at = cursor.fixed(8, end);
          if (cursor.failure === undefined) endTime = cursor.view.getBigUint64(at, true);
          break;
        }
        case (9 << 3) | delimited:
          table.append(cursor, cursor.delimited(end));
          break;
        case (11 << 3) | delimited:
          eventCount++;
          checkMessage(cursor, cursor.delimited(end), eventShape);
          break;
        case (13 << 3) | delimited:
          linkCount++;
          checkMessage(cursor, cursor.delimited(end), linkShape);
          break;
        case (15 << 3) | delimited: {
          const stop = cursor.delimited(end);
          while (cursor.pos < stop) {
            const field = cursor.tag(stop);
            if (field === ((2 << 3) | delimited)) {
              messageEnd = cursor.delimited(stop);
              messageStart = cursor.pos;
              cursor.pos = messageEnd;
            } else if (field === ((3 << 3) | varint)) statusCode = cursor.varint(stop);
            else cursor.skip(field, stop);
          }
          break;
        }
        default:
          cursor.skip(tag, end);
      }
    }
    const validTrace = traceEnd - traceStart === 16 && !isZero(bytes, traceStart, traceEnd);
    const validId = idEnd - idStart === 8 && !isZero(bytes, idStart, idEnd);
    const validParent = parentEnd - parentStart === 8;
    this.bytes = request.buffer;
    this.start = start;
    this.end = end;
    this.resource = resource;
    this.scope = scope;
    this.traceId = validTrace ? request.traceHex(traceStart) : "";
    this.spanId = validId ? request.buffer.toString("hex", idStart, idEnd) : "";
    this.parentSpanId =
      validParent && !isZero(bytes, parentStart, parentEnd)
        ? request.buffer.toString("hex", parentStart, parentEnd)
        : "";
    this.invalidParent = !validParent && parentEnd > parentStart;
    this.kind = kind <= 5 ? kind : 0;
    this.startTimeUnixNano = startTime;
    this.endTimeUnixNano = endTime;
    this.statusCode = statusCode <= 2 ? statusCode : 0;
    this.attributes = new TableAttributes(table, firstRow, "span");
    this.rejection = validTrace
      ? validId
        ? undefined
        : { code: "OTLP_SPAN_ID", message: describeId("span_id", idEnd - idStart, 8) }
      : { code: "OTLP_TRACE_ID", message: describeId("trace_id", traceEnd - traceStart, 16) };
    this.nameStart = nameStart;
    this.nameEnd = nameEnd;
    this.traceStateStart = traceStateStart;
    this.traceStateEnd = traceStateEnd;
    this.statusMessageStart = messageStart;
    this.statusMessageEnd = messageEnd;
    this.eventCount = eventCount;
    this.linkCount = linkCount;
  }

  get name(): string {
    this.nameRead ??= clippedText(this.bytes, this.nameStart, this.nameEnd);
    return this.nameRead;
  }

  get traceState(): string {
    return clippedText(this.bytes, this.traceStateStart, this.traceStateEnd);
  }

  get statusMessage(): string {
    return clippedText(this.bytes, this.statusMessageStart, this.statusMessageEnd);
  }

  get events(): readonly DecodedEvent[] {
    if (this.eventCount === 0) return none;
    this.eventsRead ??= readEvents(this);
    return this.eventsRead;
  }

  get links(): readonly DecodedLink[] {
    if (this.linkCount === 0) return none;
    this.linksRead ??= readLinks(this);
    return this.linksRead;
  }

  get eventsOverLimit(): boolean {
    return this.eventCount > mostEvents || this.linkCount > mostEvents;
  }

  get invalidUtf8(): boolean {
    const { bytes } = this;
    return (
      this.resource.invalidUtf8 ||
      this.scope.invalidUtf8 ||
      !validUtf8(bytes, this.nameStart, this.nameEnd) ||
      !validUtf8(bytes, this.traceStateStart, this.traceStateEnd) ||
      !validUtf8(bytes, this.statusMessageStart, this.statusMessageEnd) ||
      !this.attributes.isUtf8() ||
      (this.eventCount + this.linkCount > 0 && !textsAreUtf8(new Cursor(bytes, this.start), this.end, eventsAndLinks))
    );
  }
}

const none: readonly never[] = [];

function describeId(field: string, length: number, expected: number): string {
  if (length === expected) return `${field} is all zero`;
  return `${field} has ${length} bytes, expected ${expected}`;
}
