import { bufferOver } from "./otlp/text.ts";

/** A stretch [start, end) of bytes. Large texts stay slices from the record to the insert body. */
export interface Slice {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export const emptySlice: Slice = { bytes: new Uint8Array(0), start: 0, end: 0 };

const encoder = new TextEncoder();

export function sliceOf(text: string): Slice {
  const bytes = encoder.encode(text);
  return { bytes, start: 0, end: bytes.length };
}

/** The slice as text; invalid UTF-8 becomes U+FFFD, and a byte order mark at its start is none of it. */
export function textOf({ bytes, start, end }: Slice): string {
  return bufferOver(bytes).toString("utf8", startsWithMark(bytes, start, end) ? start + 3 : start, end);
}

function startsWithMark(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start >= 3 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf;
}

export function sliceLength(slice: Slice): number {
  return slice.end - slice.start;
}
