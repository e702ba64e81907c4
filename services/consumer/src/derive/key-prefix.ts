import { type Slice, sliceLength } from "@spanhouse/schemas/slice";

const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Whether the name of an attribute begins so; makes no string. */
export function startsWith({ bytes, start, end }: Slice, prefix: Uint8Array): boolean {
  if (sliceLength({ bytes, start, end }) < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) {
    if (bytes[start + i] !== prefix[i]) return false;
  }
  return true;
}
