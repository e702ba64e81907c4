import { RowBinaryWriter } from "./row-binary.ts";

/**
 * Columns of a block in ClickHouse's Native format, filled row by row, written for the rows that are wanted, in the order
 * in which they are wanted. https://clickhouse.com/docs/interfaces/formats/Native
 * The server copies such columns where it parses each value of RowBinary, and finds a LowCardinality's values encoded.
 * A value that does not fit its type is a RangeError: wrapped silently it would be a wrong row.
 */
export interface NativeColumn {
  /** As the table's column is declared. */
  readonly type: string;
  /** Takes back everything after so many rows. */
  truncate(length: number): void;
  /** What stands before the data of the whole column, outside of arrays. */
  writePrefix(to: RowBinaryWriter): void;
  writeRows(to: RowBinaryWriter, rows: readonly number[]): void;
}

/** One block: the columns by name, in their order, of those rows. */
export function writeBlock(
  to: RowBinaryWriter,
  columns: Readonly<Record<string, NativeColumn>>,
  rows: readonly number[],
): void {
  const entries = Object.entries(columns);
  to.arrayLength(entries.length);
  to.arrayLength(rows.length);
  for (const [name, column] of entries) {
    to.string(name);
    to.string(column.type);
    column.writePrefix(to);
    column.writeRows(to, rows);
  }
}

const initialRows = 1024;
const twoTo32 = 0x1_0000_0000;
const decimal64Limit = 10n ** 18n;

/** UInt8, UInt16, UInt32 and what is stored as one of them. */
export class UIntColumn implements NativeColumn {
  readonly type: string;
  readonly #greatest: number;
  #values: Uint8Array | Uint16Array | Uint32Array;
  #length = 0;

  constructor(type: string, bytes: 1 | 2 | 4) {
    this.type = type;
    this.#greatest = 2 ** (bytes * 8) - 1;
    this.#values = new { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array }[bytes](initialRows);
  }

  add(value: number): void {
    if (value !== value >>> 0 || value > this.#greatest) throw outOfRange(this.type, value);
    if (this.#length === this.#values.length) this.#values = grown(this.#values);
    this.#values[this.#length++] = value;
  }

  truncate(length: number): void {
    this.#length = length;
  }

  writePrefix(): void {}

  writeRows(to: RowBinaryWriter, rows: readonly number[]): void {
    const values = this.#values;
    const written = new (values.constructor as Uint32ArrayConstructor)(rows.length);
    for (let i = 0; i < rows.length; i++) written[i] = values[rows[i]!]!;
    to.written(bytesOf(written));
  }
}

/** Types of 8 bytes. Little-endian, as is every platform that ClickHouse runs on. */
export class WideColumn implements NativeColumn {
  readonly type: string;
  #halves = new Uint32Array(initialRows * 2);
  #values = new BigInt64Array(this.#halves.buffer);
  #length = 0;

  constructor(type: string) {
    this.type = type;
  }

  /** UInt64 that a number holds exactly. */
  addNumber(value: number): void {
    if (this.#length === this.#values.length) this.#grow();
    const at = this.#length * 2;
    if (value === value >>> 0) {
      this.#halves[at] = value;
      this.#halves[at + 1] = 0;
    } else {
      if (!(Number.isSafeInteger(value) && value >= 0)) throw outOfRange(this.type, value);
      this.#halves[at] = value % twoTo32;
      this.#halves[at + 1] = Math.floor(value / twoTo32);
    }
    this.#length++;
  }

  /** UInt64. */
  addUnsigned(value: bigint): void {
    if (BigInt.asUintN(64, value) !== value) throw outOfRange(this.type, value);
    this.#add(value);
  }

  /** Int64 and DateTime64. */
  addSigned(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw outOfRange(this.type, value);
    this.#add(value);
  }

  /** A Decimal of up to 18 digits, as the integer that it is without its point. */
  addDecimal(value: bigint): void {
    if (value >= decimal64Limit || value <= -decimal64Limit) throw outOfRange(this.type, value);
    this.#add(value);
  }

  /** Another value for a row that was added. */
  replaceUnsigned(row: number, value: bigint): void {
    if (!(row < this.#length)) throw outOfRange("a row that was added", row);
    if (BigInt.asUintN(64, value) !== value) throw outOfRange(this.type, value);
    this.#values[row] = value;
  }

  truncate(length: number): void {
    this.#length = length;
  }

  writePrefix(): void {}

  writeRows(to: RowBinaryWriter, rows: readonly number[]): void {
    const halves = this.#halves;
    const written = new Uint32Array(rows.length * 2);
    for (let i = 0; i < rows.length; i++) {
      const at = rows[i]! * 2;
      written[i * 2] = halves[at]!;
      written[i * 2 + 1] = halves[at + 1]!;
    }
    to.written(bytesOf(written));
  }

  #add(value: bigint): void {
    if (this.#length === this.#values.length) this.#grow();
    this.#values[this.#length++] = value;
  }

  #grow(): void {
    this.#halves = grown(this.#halves);
    this.#values = new BigInt64Array(this.#halves.buffer);
  }
}

/** FixedString from hex digits; from an empty text, zeros. */
export class FixedHexColumn implements NativeColumn {
  readonly type: string;
  readonly #size: number;
  readonly #bytes = new RowBinaryWriter();

  constructor(size: number) {
    this.type = `FixedString(${size})`;
    this.#size = size;
  }

  add(hex: string): void {
    this.#bytes.fixedHex(hex, this.#size);
  }

  truncate(length: number): void {
    this.#bytes.truncate(length * this.#size);
  }

  writePrefix(): void {}

  writeRows(to: RowBinaryWriter, rows: readonly number[]): void {
    const bytes = this.#bytes.bytes();
    const size = this.#size;
    const written = new Uint8Array(rows.length * size);
    for (let i = 0; i < rows.length; i++) {
      const from = rows[i]! * size;
      for (let n = 0; n < size; n++) written[i * size + n] = bytes[from + n]!;
    }
    to.written(written);
  }
}

/** String. */
export class StringColumn implements NativeColumn {
  readonly type = "String";
  readonly #bytes = new RowBinaryWriter();
  #ends = new Uint32Array(initialRows);
  #length = 0;

  /** As UTF-8; a lone surrogate becomes U+FFFD. */
  add(text: string): void {
    this.#bytes.string(text);
    if (this.#length === this.#ends.length) this.#ends = grown(this.#ends);
    this.#ends[this.#length++] = this.#bytes.length;
  }

  truncate(length: number): void {
    this.#length = length;
    this.#bytes.truncate(length === 0 ? 0 : this.#ends[length - 1]!);
  }

  writePrefix(): void {}

  /** Rows that follow each other are copied in one. */
  writeRows(to: RowBinaryWriter, rows: readonly number[]): void {
    const bytes = this.#bytes.bytes();
    const startOf = (row: number) => (row === 0 ? 0 : this.#ends[row - 1]!);
    for (let i = 0; i < rows.length; ) {
      let last = i;
      while (last + 1 < rows.length && rows[last + 1] === rows[last]! + 1) last++;
      to.written(bytes.subarray(startOf(rows[i]!), this.#ends[rows[last]!]));
      i = last + 1;
    }
  }
}

/** Shared dictionaries with additional keys: the only version there is. */
const dictionaryVersion = 1;
/** The keys follow, they are additional, and they are all there are. */
const keysFollow = 0x600;

/** LowCardinality(String): each value once, and which of them a row has. */
export class DictionaryColumn implements NativeColumn {
  readonly type = "LowCardinality(String)";
  readonly #keys: string[] = [];
  readonly #places = new Map<string, number>();
  #indexes = new Uint32Array(initialRows);
  #length = 0;
  /** Rows that follow each other mostly say the same. */
  #last: string | undefined;
  #lastPlace = 0;

  add(text: string): void {
    if (text !== this.#last) {
      let place = this.#places.get(text);
      if (place === undefined) {
        place = this.#keys.push(text) - 1;
        this.#places.set(text, place);
      }
      this.#last = text;
      this.#lastPlace = place;
    }
    if (this.#length === this.#indexes.length) this.#indexes = grown(this.#indexes);
    this.#indexes[this.#length++] = this.#lastPlace;
  }

  /** Values that no row has any more stay in the dictionary until no row is left. */
  truncate(length: number): void {
    this.#length = length;
    if (length > 0) return;
    this.#keys.length = 0;
    this.#places.clear();
    this.#last = undefined;
  }

  writePrefix(to: RowBinaryWriter): void {
    to.uint64(dictionaryVersion);
  }

  writeRows(to: RowBinaryWriter, rows: readonly number[]): void {
    if (rows.length === 0) return;
    const width = this.#keys.length <= 0x100 ? 0 : this.#keys.length <= 0x10000 ? 1 : 2;
    to.uint64(width | keysFollow);
    to.uint64(this.#keys.length);
    for (const key of this.#keys) to.string(key);
    to.uint64(rows.length);
    const written = new [Uint8Array, Uint16Array, Uint32Array][width]!(rows.length);
    for (let i = 0; i < rows.length; i++) written[i] = this.#indexes[rows[i]!]!;
    to.written(bytesOf(written));
  }
}

/** Array of another column, and Map, which is an array of keys and one of values. */
export class ArrayColumn<Elements extends NativeColumn, Values extends NativeColumn = never> implements NativeColumn {
  readonly type: string;
  readonly #columns: readonly [Elements] | readonly [Elements, Values];
  #ends = new Uint32Array(initialRows);
  #length = 0;

  constructor(...columns: readonly [Elements] | readonly [Elements, Values]) {
    this.#columns = columns;
    const types = columns.map(({ type }) => type).join(", ");
    this.type = columns.length === 1 ? `Array(${types})` : `Map(${types})`;
  }

  /** A row of so many elements, which `each` adds to the columns. */
  add(count: number, each: (index: number, elements: Elements, values: Values) => void): void {
    const [elements, values] = this.#columns;
    for (let index = 0; index < count; index++) each(index, elements, values as Values);
    if (this.#length === this.#ends.length) this.#ends = grown(this.#ends);
    this.#ends[this.#length] = this.#startOf(this.#length) + count;
    this.#length++;
  }

  truncate(length: number): void {
    this.#length = length;
    for (const column of this.#columns) column.truncate(this.#startOf(length));
  }

  writePrefix(to: RowBinaryWriter): void {
    for (const column of this.#columns) column.writePrefix(to);
  }

  writeRows(to: RowBinaryWriter, rows: readonly number[]): void {
    const elements: number[] = [];
    for (const row of rows) {
      for (let at = this.#startOf(row); at < this.#ends[row]!; at++) elements.push(at);
      to.uint64(elements.length);
    }
    for (const column of this.#columns) column.writeRows(to, elements);
  }

  #startOf(row: number): number {
    return row === 0 ? 0 : this.#ends[row - 1]!;
  }
}

function grown<A extends Uint8Array | Uint16Array | Uint32Array>(values: A): A {
  const larger = new (values.constructor as new (length: number) => A)(values.length * 2);
  larger.set(values);
  return larger;
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array | Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function outOfRange(type: string, value: bigint | number): RangeError {
  return new RangeError(`${value} is not ${type}.`);
}
