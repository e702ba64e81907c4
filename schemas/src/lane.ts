/** A trace lives on one of 64 lanes; where the partition count divides 64, one partition owns whole lanes. */
export const laneCount = 64;

/**
 * Kafka's murmur2 (org.apache.kafka.common.utils.Utils.murmur2), which Java clients and kafkajs's JavaCompatible
 * partitioner use on record keys. Returns the signed 32-bit hash.
 */
export function murmur2(data: Uint8Array): number {
  const m = 0x5bd1e995;
  let h = 0x9747b28c ^ data.length;
  const words = data.length >> 2;
  for (let i = 0; i < words; i++) {
    const at = i * 4;
    let k = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  const at = words * 4;
  const rest = data.length & 3;
  if (rest === 3) h ^= data[at + 2]! << 16;
  if (rest >= 2) h ^= data[at + 1]! << 8;
  if (rest >= 1) {
    h ^= data[at]!;
    h = Math.imul(h, m);
  }
  h ^= h >>> 13;
  h = Math.imul(h, m);
  return h ^ (h >>> 15);
}

const key = new Uint8Array(32);
let last = { traceId: "", lane: laneOfBytes(new Uint8Array(0)) };

/** The lane of a trace, from its record key: 32 lowercase hex digits. Asked for every span; those of a trace follow each other. */
export function laneOf(traceId: string): number {
  if (traceId !== last.traceId) last = { traceId, lane: laneOfBytes(bytesOf(traceId)) };
  return last.lane;
}

function laneOfBytes(bytes: Uint8Array): number {
  return (murmur2(bytes) & 0x7fffffff) % laneCount;
}

/** A loop where a call into the runtime would cost more than the hash. */
function bytesOf(traceId: string): Uint8Array {
  if (traceId.length !== key.length) return new TextEncoder().encode(traceId);
  for (let i = 0; i < key.length; i++) {
    const code = traceId.charCodeAt(i);
    if (code > 0x7f) return new TextEncoder().encode(traceId);
    key[i] = code;
  }
  return key;
}
