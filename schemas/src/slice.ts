/** A stretch [start, end) of bytes. Large texts stay slices from the record to the insert body. */
export interface Slice {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export const emptySlice: Slice = { bytes: new Uint8Array(0), start: 0, end: 0 };

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8");

export function sliceOf(text: string): Slice {
  const bytes = encoder.encode(text);
  return { bytes, start: 0, end: bytes.length };
}

/** The slice as text; invalid UTF-8 becomes U+FFFD. */
export function textOf(slice: Slice): string {
  return decoder.decode(slice.bytes.subarray(slice.start, slice.end));
}

export function sliceLength(slice: Slice): number {
  return slice.end - slice.start;
}
