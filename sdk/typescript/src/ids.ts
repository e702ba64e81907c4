const hexOfByte: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Random bytes are drawn for many ids at once: a draw costs more than an id. */
const pool = new Uint8Array(4096);
let used = pool.length;

const randomHex = (bytes: number): string => {
  if (used + bytes > pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  let hex = "";
  let anySet = 0;
  for (const end = used + bytes; used < end; used++) {
    const byte = pool[used]!;
    anySet |= byte;
    hex += hexOfByte[byte];
  }
  return anySet === 0 ? randomHex(bytes) : hex;
};

/** 32 lowercase hex digits, not all zero: a W3C trace id. */
export const newTraceId = (): string => randomHex(16);

/** 16 lowercase hex digits, not all zero: a W3C span id. */
export const newSpanId = (): string => randomHex(8);
