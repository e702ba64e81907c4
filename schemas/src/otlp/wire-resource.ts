import type { Buffer } from "node:buffer";
import { TableAttributes } from "./attribute-table.ts";
import type { Attributes } from "./attributes.ts";
import { Cursor, WireType } from "./cursor.ts";
import type { DecodedResource, DecodedScope } from "./decoded.ts";
import type { RequestReader } from "./request-reader.ts";
import { resourceShape, scopeShape, textsAreUtf8 } from "./shapes.ts";
import { clippedText, validUtf8 } from "./text.ts";

const { delimited } = WireType;

/** Where in a ResourceSpans or ScopeSpans message its head lies: the resource or scope, and the schema URL. */
export interface HeadRange {
  readonly start: number;
  readonly end: number;
  readonly schemaUrlStart: number;
  readonly schemaUrlEnd: number;
}

/** Finds the head (field 1, the last one counts) wherever in the message it stands; the cursor moves to `end`. */
export function findHead(cursor: Cursor, end: number): HeadRange {
  let start = cursor.pos;
  let headEnd = start;
  let schemaUrlStart = start;
  let schemaUrlEnd = start;
  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    if (tag === ((1 << 3) | delimited)) {
      headEnd = cursor.delimited(end);
      start = cursor.pos;
      cursor.pos = headEnd;
    } else if (tag === ((3 << 3) | delimited)) {
      schemaUrlEnd = cursor.delimited(end);
      schemaUrlStart = cursor.pos;
      cursor.pos = schemaUrlEnd;
    } else cursor.skip(tag, end);
  }
  return { start, end: headEnd, schemaUrlStart, schemaUrlEnd };
}

export class WireResource implements DecodedResource {
  readonly start: number;
  readonly end: number;
  readonly schemaUrlStart: number;
  readonly schemaUrlEnd: number;
  readonly schemaUrl: string;
  readonly attributes: Attributes;
  private readonly buffer: Buffer;
  private invalid: boolean | undefined = undefined;

  /** Moves the reader's cursor to the resource and takes it. */
  constructor(request: RequestReader, head: HeadRange) {
    const { cursor, table } = request;
    this.start = head.start;
    this.end = head.end;
    this.schemaUrlStart = head.schemaUrlStart;
    this.schemaUrlEnd = head.schemaUrlEnd;
    this.schemaUrl = clippedText(request.buffer, head.schemaUrlStart, head.schemaUrlEnd);
    this.buffer = request.buffer;
    const first = table.rows;
    cursor.pos = head.start;
    while (cursor.pos < head.end) {
      const tag = cursor.tag(head.end);
      if (tag === ((1 << 3) | delimited)) table.append(cursor, cursor.delimited(head.end));
      else cursor.skip(tag, head.end);
    }
    this.attributes = new TableAttributes(table, first, "resource");
  }

  get invalidUtf8(): boolean {
    this.invalid ??=
      !validUtf8(this.buffer, this.schemaUrlStart, this.schemaUrlEnd) ||
      !textsAreUtf8(new Cursor(this.buffer, this.start), this.end, resourceShape);
    return this.invalid;
  }
}

export class WireScope implements DecodedScope {
  readonly start: number;
  readonly end: number;
  readonly schemaUrlStart: number;
  readonly schemaUrlEnd: number;
  readonly schemaUrl: string;
  readonly name: string;
  readonly version: string;
  readonly attributes: Attributes;
  private readonly buffer: Buffer;
  private invalid: boolean | undefined = undefined;

  /** Moves the reader's cursor to the scope and takes it. */
  constructor(request: RequestReader, head: HeadRange) {
    const { cursor, table, buffer } = request;
    this.start = head.start;
    this.end = head.end;
    this.schemaUrlStart = head.schemaUrlStart;
    this.schemaUrlEnd = head.schemaUrlEnd;
    this.schemaUrl = clippedText(buffer, head.schemaUrlStart, head.schemaUrlEnd);
    this.buffer = buffer;
    const first = table.rows;
    let name = "";
    let version = "";
    cursor.pos = head.start;
    while (cursor.pos < head.end) {
      const tag = cursor.tag(head.end);
      if (tag === ((1 << 3) | delimited) || tag === ((2 << 3) | delimited)) {
        const stop = cursor.delimited(head.end);
        const text = clippedText(buffer, cursor.pos, stop);
        if (tag >> 3 === 1) name = text;
        else version = text;
        cursor.pos = stop;
      } else if (tag === ((3 << 3) | delimited)) table.append(cursor, cursor.delimited(head.end));
      else cursor.skip(tag, head.end);
    }
    this.name = name;
    this.version = version;
    this.attributes = new TableAttributes(table, first, "scope");
  }

  get invalidUtf8(): boolean {
    this.invalid ??=
      !validUtf8(this.buffer, this.schemaUrlStart, this.schemaUrlEnd) ||
      !textsAreUtf8(new Cursor(this.buffer, this.start), this.end, scopeShape);
    return this.invalid;
  }
}
