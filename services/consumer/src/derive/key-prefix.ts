const encoder = new TextEncoder();

/** The bytes with which names of attributes may begin. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}
