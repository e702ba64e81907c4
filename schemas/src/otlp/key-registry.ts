import type { KeyId } from "./attributes.ts";

const encoder = new TextEncoder();
const idByName = new Map<string, KeyId>();

/** Registered names one after the other; name `id` lies at [nameStart[id], nameStart[id + 1]). Id 0 is no name. */
let pool = new Uint8Array(1024);
const nameStart: number[] = [0, 0];

/** Open addressing, at most a quarter full; 0 is a free slot. */
let slots = new Int32Array(256);

/** Length and four bytes near the end, where names of one prefix differ. A collision costs one comparison. */
function slotOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  let h = Math.imul(length, 0x9e3779b1);
  if (length > 0) h ^= bytes[end - 1]! | (bytes[start + (length >> 1)]! << 8);
  if (length > 4) h ^= (bytes[end - 3]! << 16) | (bytes[end - 5]! << 24);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  return h ^ (h >>> 13);
}

function insert(id: KeyId): void {
  const mask = slots.length - 1;
  let slot = slotOf(pool, nameStart[id]!, nameStart[id + 1]!) & mask;
  while (slots[slot] !== 0) slot = (slot + 1) & mask;
  slots[slot] = id;
}

/**
 * The id of a name, the same for the same name, from 1 up. To be called when a module loads: records decoded before
 * a name was registered do not know it.
 */
export function keyId(name: string): KeyId {
  const known = idByName.get(name);
  if (known !== undefined) return known;
  const bytes = encoder.encode(name);
  const id = nameStart.length - 1;
  const start = nameStart[id]!;
  while (start + bytes.length > pool.length) {
    const larger = new Uint8Array(pool.length * 2);
    larger.set(pool);
    pool = larger;
  }
  pool.set(bytes, start);
  nameStart.push(start + bytes.length);
  idByName.set(name, id);
  if (id * 4 >= slots.length) {
    slots = new Int32Array(slots.length * 2);
    for (let each = 1; each < id; each++) insert(each);
  }
  insert(id);
  return id;
}

/** One more than the greatest id so far. */
export function keyLimit(): number {
  return nameStart.length - 1;
}

/** The id of the name that lies at [start, end), or 0 when nobody looks for it. Makes no string. */
export function lookupKey(bytes: Uint8Array, start: number, end: number): KeyId {
  const mask = slots.length - 1;
  for (let slot = slotOf(bytes, start, end) & mask; ; slot = (slot + 1) & mask) {
    const id = slots[slot]!;
    if (id === 0) return 0;
    const from = nameStart[id]!;
    if (nameStart[id + 1]! - from !== end - start) continue;
    let at = end - 1;
    while (at >= start && bytes[at] === pool[from + at - start]) at--;
    if (at < start) return id;
  }
}
