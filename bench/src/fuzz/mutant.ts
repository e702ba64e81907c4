import { createRandom } from "../generator/random.ts";

/** A whole number from 0 to below `bound`. */
export type Random = (bound: number) => number;

/** The same numbers for the same seed. */
export function randomOf(seed: number): Random {
  const { int } = createRandom(seed);
  return (bound) => int(0, bound - 1);
}

/** Bytes at which lengths, tags and texts break. */
const telling = [0x00, 0x01, 0x0a, 0x12, 0x22, 0x7b, 0x5d, 0x7f, 0x80, 0xc3, 0xed, 0xff];

/** The seed with one to eight changes: a bit, a byte, a stretch left out, doubled, cut off or put elsewhere. */
export function mutant(seed: Uint8Array, random: Random): Uint8Array {
  let bytes = Uint8Array.from(seed);
  for (let changes = 1 + random(8); changes > 0 && bytes.length > 0; changes--) {
    const at = random(bytes.length);
    const length = Math.min(1 + random(16), bytes.length - at);
    switch (random(6)) {
      case 0:
        bytes[at]! ^= 1 << random(8);
        break;
      case 1:
        bytes[at] = telling[random(telling.length)]!;
        break;
      case 2:
        bytes = joined(bytes.subarray(0, at), bytes.subarray(at + length));
        break;
      case 3:
        bytes = joined(bytes.subarray(0, at + length), bytes.subarray(at));
        break;
      case 4:
        bytes = bytes.slice(0, at);
        break;
      default:
        bytes.copyWithin(random(bytes.length), at, at + length);
    }
  }
  return bytes;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
