import { type EncodedSpan, isShared, letGo, takeSlab } from "./slabs.ts";

const NodeBuffer = (globalThis as { readonly Buffer?: typeof Buffer }).Buffer;
const encoder = new TextEncoder();

/** Room beside a text that is too long for a slab: for what is written after it. */
const besideBytes = 16 * 1024;

/**
 * Writes protobuf messages from their end to their start, each in front of the one before. So the length of what a message
 * holds is known when its header is written: one pass, nothing moved. Fields are therefore written in reverse.
 */
export class BackwardWriter {
  private slab = takeSlab(0);
  private buffer = this.slab.bytes;
  /** Of the message that is being written. */
  private start = this.buffer.length;
  private end = this.start;

  /** Bytes of it written so far. */
  get size(): number {
    return this.end - this.start;
  }

  /** The message that was written; what is written next is another. */
  take(): EncodedSpan {
    const { slab, start, end } = this;
    slab.holders++;
    this.end = start;
    if (!isShared(slab)) this.moveTo(0);
    return { slab, start, end };
  }

  /** A copy of it, for what is kept for ever or not at all. */
  takeCopy(): Uint8Array {
    const copy = new Uint8Array(this.buffer.subarray(this.start, this.end));
    this.start = this.end;
    return copy;
  }

  /** Goes on in other memory, with what was written of the message. */
  private moveTo(least: number): void {
    const { slab, buffer, start, end, size } = this;
    this.slab = takeSlab(least);
    this.buffer = this.slab.bytes;
    this.end = this.buffer.length;
    this.start = this.end - size;
    this.buffer.set(buffer.subarray(start, end), this.start);
    letGo(slab);
  }

  private claim(bytes: number): number {
    if (this.start < bytes) this.moveTo(this.size + bytes + besideBytes);
    this.start -= bytes;
    return this.start;
  }

  /** An unsigned integer, up to 2^53. */
  varint(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
    let at = this.claim(size);
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.buffer[at] = rest;
  }

  /** The header of the message or bytes that were written since `size` was `before`. */
  header(field: number, before: number): void {
    this.varint(this.size - before);
    this.varint((field << 3) | 2);
  }

  varintField(field: number, value: number): void {
    this.varint(value);
    this.varint(field << 3);
  }

  /** A signed integer of at most 53 bits. */
  int64Field(field: number, value: number): void {
    if (value >= 0) {
      this.varintField(field, value);
      return;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    let at = this.claim(10);
    for (let i = 0; i < 9; i++) {
      this.buffer[at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.buffer[at] = Number(rest);
    this.varint(field << 3);
  }

  doubleField(field: number, value: number): void {
    const at = this.claim(8);
    new DataView(this.buffer.buffer, this.buffer.byteOffset + at, 8).setFloat64(0, value, true);
    this.varint((field << 3) | 1);
  }

  /** Unix milliseconds with fractions as fixed 64-bit nanoseconds, exact to the microsecond. */
  timeField(field: number, milliseconds: number): void {
    const microseconds = Math.round(milliseconds * 1000);
    const low = (microseconds % 2 ** 32) * 1000;
    this.uint32(Math.floor(microseconds / 2 ** 32) * 1000 + Math.floor(low / 2 ** 32));
    this.uint32(low % 2 ** 32);
    this.varint((field << 3) | 1);
  }

  private uint32(value: number): void {
    const at = this.claim(4);
    this.buffer[at] = value;
    this.buffer[at + 1] = value >>> 8;
    this.buffer[at + 2] = value >>> 16;
    this.buffer[at + 3] = value >>> 24;
  }

  stringField(field: number, text: string): void {
    const before = this.size;
    this.text(text);
    this.header(field, before);
  }

  bytesField(field: number, bytes: Uint8Array): void {
    this.buffer.set(bytes, this.claim(bytes.length));
    this.varint(bytes.length);
    this.varint((field << 3) | 2);
  }

  /** Lowercase hex digits as bytes. */
  hexField(field: number, hex: string): void {
    const bytes = hex.length >> 1;
    const at = this.claim(bytes);
    for (let i = 0; i < bytes; i++) {
      this.buffer[at + i] = (digit(hex.charCodeAt(2 * i)) << 4) | digit(hex.charCodeAt(2 * i + 1));
    }
    this.varint(bytes);
    this.varint((field << 3) | 2);
  }

  private text(text: string): void {
    const { length } = text;
    if (length <= shortText && this.shortAscii(text)) return;
    if (NodeBuffer === undefined) {
      const bytes = encoder.encode(text);
      this.buffer.set(bytes, this.claim(bytes.length));
      return;
    }
    const bytes = NodeBuffer.byteLength(text);
    const at = this.claim(bytes);
    (this.buffer as Buffer).write(text, at, bytes, "utf8");
  }

  private shortAscii(text: string): boolean {
    const { length } = text;
    const at = this.claim(length);
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) {
        this.start += length;
        return false;
      }
      this.buffer[at + i] = code;
    }
    return true;
  }
}

/** Up to here a loop is cheaper than a call into the runtime. */
const shortText = 48;

const digit = (code: number): number => (code <= 57 ? code - 48 : code - 87);
