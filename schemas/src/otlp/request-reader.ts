import type { Buffer } from "node:buffer";
import { AttributeTable } from "./attribute-table.ts";
import { Cursor } from "./cursor.ts";
import { bufferOver } from "./text.ts";

/** What the readers of one request share. */
export class RequestReader {
  readonly buffer: Buffer;
  readonly cursor: Cursor;
  readonly table: AttributeTable;
  private traceStart = 0;
  private traceId = "";

  constructor(bytes: Uint8Array) {
    this.buffer = bufferOver(bytes);
    this.cursor = new Cursor(this.buffer);
    this.table = new AttributeTable(this.buffer);
  }

  /** The 16 bytes at `start` in hex. Spans of a record mostly share their trace: its text is made once. */
  traceHex(start: number): string {
    const { buffer } = this;
    if (this.traceId !== "") {
      let same = 0;
      while (same < 16 && buffer[start + same] === buffer[this.traceStart + same]) same++;
      if (same === 16) return this.traceId;
    }
    this.traceStart = start;
    this.traceId = buffer.toString("hex", start, start + 16);
    return this.traceId;
  }
}

export function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}
