import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Numbers that a seed decides. */
export interface Random {
  /** A whole number from `least` to `greatest`, both included. */
  int(least: number, greatest: number): number;
  /** 32 random bits, as a signed number. */
  bits(): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  weighted<T extends Weighted>(items: readonly T[]): T;
  /** Lowercase hex digits, two a byte; never all zero. */
  hex(bytes: number): string;
}

export interface Weighted {
  readonly weight: number;
}

const chanceSteps = 1_000_000;

/** Every `stream` of a seed is independent of the others. */
export function createRandom(seed: number, stream = 0): Random {
  const generator = xoroshiro128plus(mixed(Math.imul(seed, 0x9e3779b1) ^ mixed(stream)));

  const random: Random = {
    int: (least, greatest) => uniformInt(generator, least, greatest),
    bits: () => generator.next(),
    chance: (probability) => uniformInt(generator, 1, chanceSteps) <= probability * chanceSteps,
    pick: (items) => items[random.int(0, items.length - 1)]!,
    weighted(items) {
      let left = random.int(
        1,
        items.reduce((sum, { weight }) => sum + weight, 0),
      );
      return items.find(({ weight }) => {
        left -= weight;
        return left <= 0;
      })!;
    },
    hex(bytes) {
      let digits = "";
      while (digits.length < bytes * 2) digits += (random.bits() >>> 0).toString(16).padStart(8, "0");
      const cut = digits.slice(0, bytes * 2);
      return /[^0]/.test(cut) ? cut : random.hex(bytes);
    },
  };
  return random;
}

/** The finalizer of MurmurHash3: neighbouring numbers come far apart. */
function mixed(number: number): number {
  let h = number ^ (number >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
