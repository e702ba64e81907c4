import type { Buffer } from "node:buffer";
import { ValueType } from "./attributes.ts";
import { Cursor, WireType } from "./cursor.ts";
import { arrayShape, checkMessage, kvlistShape, textsAreUtf8 } from "./shapes.ts";
import { validUtf8 } from "./text.ts";

/** Reads AnyValue messages, one at a time, without making an object for each. */
export class ValueReader {
  type: ValueType = ValueType.empty;
  /** Content of a string or bytes value, the message of an array or map, the wire bytes of a scalar. */
  start = 0;
  end = 0;

  clear(at: number): void {
    this.type = ValueType.empty;
    this.start = at;
    this.end = at;
  }

  /** Takes the AnyValue from the cursor up to `end`, nested values checked. The last field that is set counts. */
  read(cursor: Cursor, end: number): void {
    this.clear(cursor.pos);
    while (cursor.pos < end) {
      const tag = cursor.tag(end);
      switch (tag) {
        case (1 << 3) | WireType.delimited:
          this.take(ValueType.string, cursor, cursor.delimited(end));
          break;
        case (2 << 3) | WireType.varint:
        case (3 << 3) | WireType.varint:
          this.type = tag >> 3 === 2 ? ValueType.bool : ValueType.int;
          this.start = cursor.pos;
          cursor.varint(end);
          this.end = cursor.pos;
          break;
        case (4 << 3) | WireType.fixed64:
          this.type = ValueType.double;
          this.start = cursor.fixed(8, end);
          this.end = cursor.pos;
          break;
        case (5 << 3) | WireType.delimited:
        case (6 << 3) | WireType.delimited: {
          const isArray = tag >> 3 === 5;
          const stop = cursor.delimited(end);
          this.type = isArray ? ValueType.array : ValueType.kvlist;
          this.start = cursor.pos;
          this.end = stop;
          checkMessage(cursor, stop, isArray ? arrayShape : kvlistShape, 1);
          break;
        }
        case (7 << 3) | WireType.delimited:
          this.take(ValueType.bytes, cursor, cursor.delimited(end));
          break;
        default:
          cursor.skip(tag, end);
      }
    }
  }

  private take(type: ValueType, cursor: Cursor, stop: number): void {
    this.type = type;
    this.start = cursor.pos;
    this.end = stop;
    cursor.pos = stop;
  }
}

export function readInt64(bytes: Uint8Array, start: number, end: number): bigint {
  let value = 0n;
  for (let at = end - 1; at >= start; at--) value = (value << 7n) | BigInt(bytes[at]! & 0x7f);
  return BigInt.asIntN(64, value);
}

/** A varint of int64 as a double: exact within 2^53. */
export function readInt(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 7) return Number(readInt64(bytes, start, end));
  let value = 0;
  for (let at = end - 1; at >= start; at--) value = value * 128 + (bytes[at]! & 0x7f);
  return value;
}

export function readBool(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((bytes[at]! & 0x7f) !== 0) return true;
  return false;
}

export function valueIsUtf8(buffer: Buffer, type: ValueType, start: number, end: number): boolean {
  switch (type) {
    case ValueType.string:
      return validUtf8(buffer, start, end);
    case ValueType.array:
      return textsAreUtf8(new Cursor(buffer, start), end, arrayShape);
    case ValueType.kvlist:
      return textsAreUtf8(new Cursor(buffer, start), end, kvlistShape);
    default:
      return true;
  }
}

/** Everything after a value's type, as plain JSON; see `Attributes.json`. */
export function jsonOf(buffer: Buffer, type: ValueType, start: number, end: number): unknown {
  switch (type) {
    case ValueType.string:
      return buffer.toString("utf8", start, end);
    case ValueType.bool:
      return readBool(buffer, start, end);
    case ValueType.int: {
      const value = readInt(buffer, start, end);
      return Number.isSafeInteger(value) ? value : readInt64(buffer, start, end).toString();
    }
    case ValueType.double: {
      const value = buffer.readDoubleLE(start);
      return Number.isFinite(value) ? value : String(value);
    }
    case ValueType.bytes:
      return buffer.toString("base64", start, end);
    case ValueType.array:
      return items(buffer, start, end);
    case ValueType.kvlist:
      return Object.fromEntries(entries(buffer, start, end));
    case ValueType.empty:
      return null;
  }
}

const itemTag = (1 << 3) | WireType.delimited;

function items(buffer: Buffer, start: number, end: number): unknown[] {
  const cursor = new Cursor(buffer, start);
  const reader = new ValueReader();
  const found: unknown[] = [];
  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    if (tag !== itemTag) cursor.skip(tag, end);
    else {
      reader.read(cursor, cursor.delimited(end));
      found.push(jsonOf(buffer, reader.type, reader.start, reader.end));
    }
  }
  return found;
}

function entries(buffer: Buffer, start: number, end: number): [string, unknown][] {
  const cursor = new Cursor(buffer, start);
  const reader = new KeyValueReader();
  const found: [string, unknown][] = [];
  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    if (tag !== itemTag) cursor.skip(tag, end);
    else {
      reader.read(cursor, cursor.delimited(end));
      const { value } = reader;
      const key = buffer.toString("utf8", reader.keyStart, reader.keyEnd);
      found.push([key, jsonOf(buffer, value.type, value.start, value.end)]);
    }
  }
  return found;
}

/** Reads KeyValue messages, one at a time. */
export class KeyValueReader {
  keyStart = 0;
  keyEnd = 0;
  readonly value: ValueReader = new ValueReader();

  read(cursor: Cursor, end: number): void {
    this.keyStart = cursor.pos;
    this.keyEnd = cursor.pos;
    this.value.clear(cursor.pos);
    while (cursor.pos < end) {
      const tag = cursor.tag(end);
      if (tag === ((1 << 3) | WireType.delimited)) {
        this.keyEnd = cursor.delimited(end);
        this.keyStart = cursor.pos;
        cursor.pos = this.keyEnd;
      } else if (tag === ((2 << 3) | WireType.delimited)) this.value.read(cursor, cursor.delimited(end));
      else cursor.skip(tag, end);
    }
  }
}
