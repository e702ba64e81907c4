import { builtin } from "./runtime.ts";

/**
 * A text as it crossed the wire: its UTF-8 bytes, or what they say. Bytes need no decoding to be sent on, which is most of
 * what a long stream would cost; they may lie in memory that is used again, so that they are read before the next is made.
 */
export type WireText = string | Uint8Array;

const decoder = new TextDecoder();
const isUtf8 = builtin("node:buffer")?.isUtf8;

export const textOf = (wire: WireText): string => (typeof wire === "string" ? wire : decoder.decode(wire));

/** Whether these bytes are what decoding and encoding them again would give; false where the runtime does not say. */
export const isCleanUtf8 = (bytes: Uint8Array): boolean => isUtf8?.(bytes) === true;

const keptBytes = 1 << 20;
let shared: Uint8Array = new Uint8Array(0);

/** Chunks as one. Valid until the next call: the memory is used again, for to allocate it costs more than to fill it. */
export const joined = (chunks: readonly Uint8Array[]): Uint8Array => {
  if (chunks.length === 1) return chunks[0]!;
  let size = 0;
  for (const chunk of chunks) size += chunk.length;
  const whole = size > keptBytes ? new Uint8Array(size) : room(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
};

const room = (size: number): Uint8Array => {
  if (shared.length < size) shared = new Uint8Array(Math.min(keptBytes, Math.max(64 * 1024, size * 2)));
  return shared.subarray(0, size);
};
