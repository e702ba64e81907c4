import type { Buffer } from "node:buffer";
import type { Slice } from "../slice.ts";
import { jsonOf, KeyValueReader, readBool, readInt, readInt64, valueIsUtf8 } from "./attribute-value.ts";
import { type Attributes, attributeStride, type KeyId, ValueType } from "./attributes.ts";
import type { Cursor } from "./cursor.ts";
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
 * Rows by key id, of the attributes that were asked last. Shared by all spans of a request (another one by all
 * resources, and so on), so that `find` costs the same for three attributes and for a million.
 */
export class KeyIndex {
  private rowByKey: Int32Array | undefined = undefined;
  private owner: TableAttributes | undefined = undefined;

  row(owner: TableAttributes, key: KeyId): number {
    this.rowByKey ??= new Int32Array(keyLimit()).fill(-1);
    if (this.owner !== owner) {
      owner.fill(this.rowByKey);
      this.owner = owner;
    }
    return this.rowByKey[key] ?? -1;
  }
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** No decimal that means anything is longer. */
const longestDecimal = 64;

export class TableAttributes implements Attributes {
  readonly length: number;
  private readonly table: AttributeTable;
  private readonly first: number;
  private readonly index: KeyIndex;

  /** The rows of the table from `first` to its present end. */
  constructor(table: AttributeTable, first: number, index: KeyIndex) {
    this.table = table;
    this.first = first;
    this.length = table.rows - first;
    this.index = index;
  }

  get bytes(): Uint8Array {
    return this.table.buffer;
  }

  fill(rowByKey: Int32Array): void {
    const { table } = this;
    const end = this.first + this.length;
    for (let row = this.first; row < end; row++) rowByKey[table.cell(row, 0)] = row;
  }

  /** A row left by other attributes lies outside of these. */
  find(key: KeyId): number {
    if (key === 0) return -1;
    const index = this.index.row(this, key) - this.first;
    return index >= 0 && index < this.length ? index : -1;
  }

  keyId(index: number): KeyId {
    return this.cell(index, 0);
  }

  key(index: number): string {
    return this.table.buffer.toString("utf8", this.cell(index, 1), this.cell(index, 2));
  }

  keySlice(index: number): Slice {
    return { bytes: this.table.buffer, start: this.cell(index, 1), end: this.cell(index, 2) };
  }

  type(index: number): ValueType {
    return this.cell(index, 3) as ValueType;
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
        return start === end ? "" : buffer.toString("utf8", start, end);
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
