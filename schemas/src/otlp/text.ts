import { Buffer, isUtf8 } from "node:buffer";
import { internedText } from "./interned-text.ts";

/** Texts that become strings while decoding (names, status messages) are cut to this many bytes. */
export const maxNameBytes = 4096;

/** Below this, a loop is faster than a call into the runtime. */
const shortText = 48;

export function validUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < shortText) {
    let every = 0;
    for (let at = start; at < end; at++) every |= bytes[at]!;
    if (every < 0x80) return true;
  }
  return isUtf8(bytes.subarray(start, end));
}

/** The same memory with Node's fast readers. */
export function bufferOver(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A name or message as a string of at most `maxNameBytes` bytes, whole characters; invalid UTF-8 becomes U+FFFD. */
export function clippedText(buffer: Buffer, start: number, end: number): string {
  if (end - start <= maxNameBytes) return internedText(buffer, start, end);
  let stop = start + maxNameBytes;
  for (let back = 0; back < 3 && (buffer[stop]! & 0xc0) === 0x80; back++) stop--;
  return buffer.toString("utf8", start, stop);
}
