import type { Slice } from "@spanhouse/schemas/slice";

const initialBytes = 64 * 1024;
const twoTo32 = 0x1_0000_0000;
const decimal64Limit = 10n ** 18n;
const decimal128Limit = 10n ** 38n;
/** Up to here a loop copies bytes faster than the runtime makes a view of them. */
const shortCopy = 48;
/** Texts this short are tried as ASCII first: for them a loop is faster than a call into the runtime. */
const shortText = 64;
const notHex = 255;
const nibbles = new Uint8Array(128).fill(notHex);
for (let digit = 0; digit < 16; digit++) {
  nibbles[digit.toString(16).charCodeAt(0)] = digit;
  nibbles[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

/**
 * Writes rows as ClickHouse's RowBinary: columns in the order of the INSERT, nothing between them.
 * https://clickhouse.com/docs/interfaces/formats/RowBinary
 * The buffer grows and is kept by `reset`, so `bytes()` is valid only until then. A value that does not fit its type is
 * a RangeError: wrapped silently it would be a wrong row. LowCardinality is written as its inner type, Bool as uint8,
 * Array as `arrayLength` and the elements, Map as `arrayLength` and keys and values in turn.
 */
export class RowBinaryWriter {
  #buffer: Buffer;
  #view: DataView;
  #length = 0;

  constructor(capacity = initialBytes) {
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(capacity, 16));
    this.#view = viewOf(this.#buffer);
  }

  /** Bytes written. */
  get length(): number {
    return this.#length;
  }

  /** Bytes that fit without more memory. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** What was written, not copied. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  reset(): void {
    this.#length = 0;
  }

  /** Takes back everything after `length`: a row that turned out not to be wanted. */
  truncate(length: number): void {
    if (!(length >= 0 && length <= this.#length)) throw outOfRange("a length written so far", length);
    this.#length = length;
  }

  uint8(value: number): void {
    if (value !== (value & 0xff)) throw outOfRange("UInt8", value);
    const at = this.#take(1);
    this.#buffer[at] = value;
  }

  uint16(value: number): void {
    if (value !== (value & 0xffff)) throw outOfRange("UInt16", value);
    const at = this.#take(2);
    this.#view.setUint16(at, value, true);
  }

  uint32(value: number): void {
    if (value !== value >>> 0) throw outOfRange("UInt32", value);
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  uint64(value: bigint | number): void {
    if (typeof value === "number") {
      if (!(Number.isSafeInteger(value) && value >= 0)) throw outOfRange("UInt64", value);
      const at = this.#take(8);
      this.#view.setUint32(at, value % twoTo32, true);
      this.#view.setUint32(at + 4, Math.floor(value / twoTo32), true);
      return;
    }
    if (BigInt.asUintN(64, value) !== value) throw outOfRange("UInt64", value);
    const at = this.#take(8);
    this.#view.setBigUint64(at, value, true);
  }

  int64(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw outOfRange("Int64", value);
    const at = this.#take(8);
    this.#view.setBigInt64(at, value, true);
  }

  uint128(value: bigint): void {
    if (BigInt.asUintN(128, value) !== value) throw outOfRange("UInt128", value);
    this.#wide(value);
  }

  float64(value: number): void {
    const at = this.#take(8);
    this.#view.setFloat64(at, value, true);
  }

  /** A Decimal of up to 18 digits, as the integer that it is without its point. */
  decimal64(value: bigint): void {
    if (value === 0n) {
      this.#zeros(8);
      return;
    }
    if (value >= decimal64Limit || value <= -decimal64Limit) throw outOfRange("Decimal64", value);
    const at = this.#take(8);
    this.#view.setBigInt64(at, value, true);
  }

  /** A Decimal of up to 38 digits. */
  decimal128(value: bigint): void {
    if (value === 0n) {
      this.#zeros(16);
      return;
    }
    if (value >= decimal128Limit || value <= -decimal128Limit) throw outOfRange("Decimal128", value);
    this.#wide(value);
  }

  /** Unix seconds. */
  dateTime(seconds: number): void {
    this.uint32(seconds);
  }

  /** DateTime64(9): Unix nanoseconds. */
  dateTime64(nanoseconds: bigint): void {
    this.int64(nanoseconds);
  }

  arrayLength(length: number): void {
    if (length !== length >>> 0) throw outOfRange("an array's length", length);
    this.#varint(length);
  }

  /** As UTF-8; a lone surrogate becomes U+FFFD. */
  string(text: string): void {
    const { length } = text;
    if (length < shortText) {
      const at = this.#take(length + 1);
      const buffer = this.#buffer;
      buffer[at] = length;
      let index = 0;
      for (; index < length; index++) {
        const code = text.charCodeAt(index);
        if (code > 0x7f) break;
        buffer[at + 1 + index] = code;
      }
      if (index === length) return;
      this.#length = at;
    }
    const size = Buffer.byteLength(text, "utf8");
    this.#varint(size);
    const at = this.#take(size);
    this.#buffer.write(text, at, size, "utf8");
  }

  /** Columns that a writer like this one has written. */
  written(bytes: Uint8Array): void {
    const at = this.#take(bytes.length);
    this.#buffer.set(bytes, at);
  }

  /** A String whose bytes are the slice's, valid UTF-8 or not. */
  slice({ bytes, start, end }: Slice): void {
    this.stretch(bytes, start, end);
  }

  /** A String whose bytes are [start, end) of others. */
  stretch(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start;
    if (!(start >= 0 && size >= 0 && end <= bytes.length)) throw outOfRange(`a slice of ${bytes.length} bytes`, end);
    this.#varint(size);
    const at = this.#take(size);
    const buffer = this.#buffer;
    if (size <= shortCopy) for (let i = 0; i < size; i++) buffer[at + i] = bytes[start + i]!;
    else if (size === bytes.length) buffer.set(bytes, at);
    else buffer.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, size), at);
  }

  /** FixedString(size) from twice as many hex digits; from an empty text, zeros. */
  fixedHex(hex: string, size: number): void {
    if (hex.length === 0) {
      this.#zeros(size);
      return;
    }
    const at = this.#take(size);
    let wrong = hex.length !== size * 2;
    for (let index = 0; index < size && !wrong; index++) {
      const high = nibbles[hex.charCodeAt(index * 2)] ?? notHex;
      const low = nibbles[hex.charCodeAt(index * 2 + 1)] ?? notHex;
      wrong = high === notHex || low === notHex;
      this.#buffer[at + index] = (high << 4) | low;
    }
    if (wrong) throw new RangeError(`Expected ${size * 2} hex digits, got ${JSON.stringify(hex)}.`);
  }

  #zeros(size: number): void {
    const at = this.#take(size);
    const buffer = this.#buffer;
    for (let i = 0; i < size; i++) buffer[at + i] = 0;
  }

  #wide(value: bigint): void {
    const at = this.#take(16);
    this.#view.setBigUint64(at, BigInt.asUintN(64, value), true);
    this.#view.setBigInt64(at + 8, BigInt.asIntN(64, value >> 64n), true);
  }

  /** LEB128, for numbers below 2^32. */
  #varint(value: number): void {
    let at = this.#take(5);
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.#buffer[at++] = (rest & 0x7f) | 0x80;
    this.#buffer[at++] = rest;
    this.#length = at;
  }

  /**
   * Reserves that many bytes and says where: the one place that bounds every write. May replace buffer and view, so
   * these are read after it.
   */
  #take(size: number): number {
    const at = this.#length;
    const length = at + size;
    if (length > this.#buffer.length) this.#grow(length);
    this.#length = length;
    return at;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
}

function outOfRange(type: string, value: bigint | number): RangeError {
  return new RangeError(`${value} is not ${type}.`);
}
