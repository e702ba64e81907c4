/** A seeded generator (mulberry32): the same seed is the same schedule. */
export interface Random {
  below(bound: number): number;
  between(least: number, greatest: number): number;
  chance(probability: number): boolean;
  pick<T>(things: readonly T[]): T;
  shuffle<T>(things: readonly T[]): T[];
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(next() * bound);
  return {
    below,
    between: (least, greatest) => least + below(greatest - least + 1),
    chance: (probability) => next() < probability,
    pick: (things) => things[below(things.length)]!,
    shuffle: (things) => {
      const shuffled = [...things];
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
      }
      return shuffled;
    },
  };
}
