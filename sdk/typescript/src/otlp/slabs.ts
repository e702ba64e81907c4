/** Memory that encoded spans lie in, one behind the other. */
export interface Slab {
  readonly bytes: Uint8Array;
  /** Who still needs it: each span in it, and the writer while it writes there. */
  holders: number;
}

/** An encoded span, where it was written. It is there until it is let go. */
export interface EncodedSpan {
  readonly slab: Slab;
  readonly start: number;
  readonly end: number;
}

const slabBytes = 1 << 20;
/** A span that needs more, and does not fit in what is left of a slab, has memory of its own. */
const longestInSlab = slabBytes >> 2;
/** So many slabs wait for use at most; what a burst took beyond is given back. */
const spareSlabs = 8;
const spare: Slab[] = [];

const NodeBuffer = (globalThis as { readonly Buffer?: typeof Buffer }).Buffer;
const allocate = (size: number): Uint8Array => NodeBuffer?.allocUnsafeSlow(size) ?? new Uint8Array(size);

/**
 * Room for at least so many bytes, held once. Slabs are used again: spans wait for so long that memory of theirs would be
 * old when it is free, and each few megabytes of old garbage have V8 (from Node 22 on) collect the whole heap.
 */
export const takeSlab = (least: number): Slab => {
  const slab = least > longestInSlab ? undefined : spare.pop();
  if (slab === undefined) return { bytes: allocate(least > longestInSlab ? least : slabBytes), holders: 1 };
  slab.holders = 1;
  return slab;
};

/** Whether it is one of many, and room in it is worth keeping. */
export const isShared = ({ bytes }: Slab): boolean => bytes.length === slabBytes;

export const letGo = (slab: Slab): void => {
  slab.holders--;
  if (slab.holders === 0 && isShared(slab) && spare.length < spareSlabs) spare.push(slab);
};

/** The bytes of the span, as long as it is not let go. */
export const bytesOf = ({ slab: { bytes }, start, end }: EncodedSpan): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
