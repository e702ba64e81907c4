/// <reference lib="es2024.string" />
import { Buffer } from "node:buffer";
import { WireType } from "./cursor.ts";
import { bytesOfLoneSurrogates } from "./lone-surrogates.ts";

/**
 * Writes protobuf from the end towards the start: a message's length is known when it is written, and no message is
 * measured before. So fields are written last first, and a caller who wants them in order calls in reverse.
 */
export class MessageWriter {
  private buffer: Buffer = Buffer.allocUnsafe(16 * 1024);
  private at = this.buffer.length;

  /** Where the next field will end; `message` measures from here. */
  mark(): number {
    return this.buffer.length - this.at;
  }

  /** Makes a delimited field of everything written since `mark`. */
  message(field: number, mark: number): void {
    this.header(field, WireType.delimited, this.mark() - mark);
  }

  string(field: number, text: string): void {
    if (text.length < 40 && this.ascii(text)) this.header(field, WireType.delimited, text.length);
    else if (!text.isWellFormed()) this.bytes(field, bytesOfLoneSurrogates(text));
    else {
      const length = Buffer.byteLength(text);
      this.reserve(length);
      this.at -= length;
      this.buffer.write(text, this.at, length, "utf8");
      this.header(field, WireType.delimited, length);
    }
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.at -= bytes.length;
    this.buffer.set(bytes, this.at);
    this.header(field, WireType.delimited, bytes.length);
  }

  /** Hex digits as the bytes that they mean; throws RangeError on anything else. */
  hex(field: number, digits: string): void {
    const length = digits.length >> 1;
    this.reserve(length);
    this.at -= length;
    if (digits.length !== length * 2 || this.buffer.write(digits, this.at, length, "hex") !== length) {
      throw new RangeError(`expected hex digits in pairs, got ${JSON.stringify(digits.slice(0, 80))}`);
    }
    this.header(field, WireType.delimited, length);
  }

  /** An unsigned integer below 2^32. */
  uint32(field: number, value: number): void {
    this.header(field, WireType.varint, value);
  }

  int64(field: number, value: bigint): void {
    const unsigned = BigInt.asUintN(64, value);
    if (unsigned <= 0xffff_ffffn) {
      this.uint32(field, Number(unsigned));
      return;
    }
    this.reserve(12);
    let length = 1;
    for (let rest = unsigned >> 7n; rest > 0n; rest >>= 7n) length++;
    this.at -= length;
    let rest = unsigned;
    for (let index = 0; index < length; index++, rest >>= 7n) {
      this.buffer[this.at + index] = Number(rest & 0x7fn) | (index + 1 < length ? 0x80 : 0);
    }
    this.varintBefore((field << 3) | WireType.varint);
  }

  fixed64(field: number, value: bigint): void {
    this.reserve(16);
    this.at -= 8;
    this.buffer.writeBigUInt64LE(BigInt.asUintN(64, value), this.at);
    this.varintBefore((field << 3) | WireType.fixed64);
  }

  double(field: number, value: number): void {
    this.reserve(16);
    this.at -= 8;
    this.buffer.writeDoubleLE(value, this.at);
    this.varintBefore((field << 3) | WireType.fixed64);
  }

  fixed32(field: number, value: number): void {
    this.reserve(16);
    this.at -= 4;
    this.buffer.writeUInt32LE(value, this.at);
    this.varintBefore((field << 3) | WireType.fixed32);
  }

  /** A copy of what was written; the writer starts anew. */
  finish(): Uint8Array {
    const written = new Uint8Array(this.buffer.subarray(this.at));
    this.at = this.buffer.length;
    return written;
  }

  /** Writes the text if it is all ASCII, else nothing. */
  private ascii(text: string): boolean {
    this.reserve(text.length);
    const start = this.at - text.length;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7f) return false;
      this.buffer[start + index] = code;
    }
    this.at = start;
    return true;
  }

  private header(field: number, type: number, value: number): void {
    this.reserve(10);
    this.varintBefore(value);
    this.varintBefore((field << 3) | type);
  }

  /** Room must have been reserved. */
  private varintBefore(value: number): void {
    if (value < 0x80) {
      this.buffer[--this.at] = value;
      return;
    }
    let length = 2;
    for (let rest = value >>> 14; rest > 0; rest >>>= 7) length++;
    this.at -= length;
    let rest = value;
    for (let index = this.at; index < this.at + length - 1; index++, rest >>>= 7)
      this.buffer[index] = (rest & 0x7f) | 0x80;
    this.buffer[this.at + length - 1] = rest;
  }

  private reserve(size: number): void {
    if (this.at >= size) return;
    const used = this.buffer.length - this.at;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, used + size + 1024));
    this.buffer.copy(larger, larger.length - used, this.at);
    this.buffer = larger;
    this.at = larger.length - used;
  }
}
