import type { Buffer } from "node:buffer";
import type { Slice } from "../slice.ts";
import { jsonOf, KeyValueReader, readBool, readInt, readInt64, valueIsUtf8 } from "./attribute-value.ts";
import { type Attributes, attributeStride, type KeyId, ValueType } from "./attributes.ts";
import type { Cursor } from "./cursor.ts";
import { internedText } from "./interned-text.ts";
import { keyLimit, lookupKey } from "./key-registry.ts";
import { validUtf8 } from "./text.ts";

/** Integers that tables share: a typed array for every small request would cost more than filling it. */
interface Block {
  readonly cells: Int32Array;
  used: number;
}

const blockCells = attributeStride * 10_000;
let shared: Block = { cells: new Int32Array(blockCells), used: 0 };

/** The attributes of one request, row by row; a span's are a run of rows. */
export class AttributeTable {
  readonly buffer: Buffer;
  rows = 0;
  private block: Block = shared;
  private base = shared.used;
  private readonly reader = new KeyValueReader();

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  /** Takes one KeyValue message from the cursor up to `end`. */
  append(cursor: Cursor, end: number): void {
    const { reader } = this;
    reader.read(cursor, end);
    let at = this.base + this.rows * attributeStride;
    if (at !== this.block.used || at === this.block.cells.length) at = this.move();
    const { cells } = this.block;
    cells[at] = lookupKey(cursor.bytes, reader.keyStart, reader.keyEnd);
    cells[at + 1] = reader.keyStart;
    cells[at + 2] = reader.keyEnd;
    cells[at + 3] = reader.value.type;
    cells[at + 4] = reader.value.start;
    cells[at + 5] = reader.value.end;
    this.block.used = at + attributeStride;
    this.rows++;
  }

  cell(row: number, column: number): number {
    return this.block.cells[this.base + row * attributeStride + column]!;
  }

  /** To where there is room; a table too large to share gets a block of its own. Returns where the next row goes. */
  private move(): number {
    const own = this.rows * attributeStride;
    const cells = new Int32Array(Math.max(blockCells, own * 2));
    cells.set(this.block.cells.subarray(this.base, this.base + own));
    this.block = { cells, used: own };
    this.base = 0;
    if (cells.length === blockCells) shared = this.block;
    return own;
  }
}

/**
 * Places by key id, of the attributes that were asked last, so that `find` costs the same for three attributes and for a
 * million. One of these serves all spans of the process, another all resources, and so on: a place counts only if it
 * bears the serial of who asks. Numbers, not references: nobody's record is kept alive by them.
 */
class KeyIndex {
  private placeByKey = new Int32Array(0);
  private ownerByKey = new Float64Array(0);
  private owner = 0;

  place(attributes: TableAttributes, key: KeyId): number {
    if (this.owner !== attributes.serial) this.take(attributes);
    return this.ownerByKey[key] === this.owner ? this.placeByKey[key]! : -1;
  }

  private take(attributes: TableAttributes): void {
    if (this.placeByKey.length < keyLimit()) {
      this.placeByKey = new Int32Array(keyLimit());
      this.ownerByKey = new Float64Array(keyLimit());
    }
    this.owner = attributes.serial;
    for (let index = 0; index < attributes.length; index++) {
      const key = attributes.keyId(index);
      this.placeByKey[key] = index;
      this.ownerByKey[key] = this.owner;
    }
  }
}

/** Whose attributes they are: readers ask those of a span, its resource and its events in turns. */
const indexes = { resource: new KeyIndex(), scope: new KeyIndex(), span: new KeyIndex(), nested: new KeyIndex() };
export type AttributesOf = keyof typeof indexes;

let serials = 0;

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** No decimal that means anything is longer. */
const longestDecimal = 64;

export class TableAttributes implements Attributes {
  readonly length: number;
  /** No other attributes of this process have it. */
  readonly serial: number = ++serials;
  private readonly table: AttributeTable;
  private readonly first: number;
  private readonly index: KeyIndex;

  /** The rows of the table from `first` to its present end. */
  constructor(table: AttributeTable, first: number, of: AttributesOf) {
    this.table = table;
    this.first = first;
    this.length = table.rows - first;
    this.index = indexes[of];
  }

  get bytes(): Uint8Array {
    return this.table.buffer;
  }

  find(key: KeyId): number {
    return key === 0 ? -1 : this.index.place(this, key);
  }

  keyId(index: number): KeyId {
    return this.cell(index, 0);
  }

  key(index: number): string {
    return this.table.buffer.toString("utf8", this.cell(index, 1), this.cell(index, 2));
  }

  keyStartsWith(index: number, prefix: Uint8Array): boolean {
    const { buffer } = this.table;
    const start = this.cell(index, 1);
    if (this.cell(index, 2) - start < prefix.length) return false;
    for (let i = 0; i < prefix.length; i++) if (buffer[start + i] !== prefix[i]) return false;
    return true;
  }

  keySlice(index: number): Slice {
    return { bytes: this.table.buffer, start: this.cell(index, 1), end: this.cell(index, 2) };
  }

  type(index: number): ValueType {
    return this.cell(index, 3) as ValueType;
  }

  start(index: number): number {
    return this.cell(index, 4);
  }

  end(index: number): number {
    return this.cell(index, 5);
  }

  slice(index: number): Slice {
    return { bytes: this.table.buffer, start: this.cell(index, 4), end: this.cell(index, 5) };
  }

  text(index: number): string | undefined {
    const { buffer } = this.table;
    const start = this.cell(index, 4);
    const end = this.cell(index, 5);
    switch (this.type(index)) {
      case ValueType.string:
        return internedText(buffer, start, end);
      case ValueType.bool:
        return readBool(buffer, start, end) ? "true" : "false";
      case ValueType.int:
        return end - start > 7 ? readInt64(buffer, start, end).toString() : String(readInt(buffer, start, end));
      case ValueType.double:
        return String(buffer.readDoubleLE(start));
      default:
        return undefined;
    }
  }

  number(index: number): number | undefined {
    const { buffer } = this.table;
    const start = this.cell(index, 4);
    const end = this.cell(index, 5);
    switch (this.type(index)) {
      case ValueType.string: {
        if (start === end || end - start > longestDecimal) return undefined;
        const text = buffer.toString("latin1", start, end);
        return decimal.test(text) ? Number(text) : undefined;
      }
      case ValueType.int:
        return readInt(buffer, start, end);
      case ValueType.double:
        return buffer.readDoubleLE(start);
      default:
        return undefined;
    }
  }

  bool(index: number): boolean | undefined {
    if (this.type(index) !== ValueType.bool) return undefined;
    return readBool(this.table.buffer, this.cell(index, 4), this.cell(index, 5));
  }

  json(index: number): unknown {
    return jsonOf(this.table.buffer, this.type(index), this.cell(index, 4), this.cell(index, 5));
  }

  /** Whether all texts in it are UTF-8. A name that somebody looks for is one that was compared. */
  isUtf8(): boolean {
    const { buffer } = this.table;
    for (let index = 0; index < this.length; index++) {
      if (this.cell(index, 0) === 0 && !validUtf8(buffer, this.cell(index, 1), this.cell(index, 2))) return false;
      if (!valueIsUtf8(buffer, this.type(index), this.cell(index, 4), this.cell(index, 5))) return false;
    }
    return true;
  }

  private cell(index: number, column: number): number {
    return this.table.cell(this.first + index, column);
  }
}
