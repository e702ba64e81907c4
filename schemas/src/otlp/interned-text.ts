import type { Buffer } from "node:buffer";

/** Longer texts are rarely told twice. */
const longest = 64;
const slots: string[] = new Array<string>(4096).fill("");

/**
 * The text at [start, end), the same string for the same bytes where it was made lately: models, services, operations and
 * names are few, and a string is dearer to make than to recognise. What is remembered is bounded: a text takes the slot
 * of the one before it. Not of ASCII, or long: made anew each time.
 */
export function internedText(buffer: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return "";
  if (length > longest) return buffer.toString("utf8", start, end);
  let hash = length;
  let every = 0;
  for (let at = start; at < end; at++) {
    const byte = buffer[at]!;
    hash = Math.imul(hash ^ byte, 0x01000193);
    every |= byte;
  }
  if (every > 0x7f) return buffer.toString("utf8", start, end);
  const slot = (hash ^ (hash >>> 15)) & (slots.length - 1);
  const known = slots[slot]!;
  if (known.length === length) {
    let i = 0;
    while (i < length && known.charCodeAt(i) === buffer[start + i]) i++;
    if (i === length) return known;
  }
  const text = buffer.toString("latin1", start, end);
  slots[slot] = text;
  return text;
}
