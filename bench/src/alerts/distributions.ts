import type { Random } from "../generator/random.ts";

/** From 0 (excluded) to 1. */
export function uniform(random: Random): number {
  return ((random.bits() >>> 0) + 1) / 0x1_0000_0000;
}

/** Of mean 0 and deviation 1, by Box and Muller. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(uniform(random))) * Math.cos(2 * Math.PI * uniform(random));
}

/** How many happen where `mean` are to be expected: exact for few, by the normal distribution for many. */
export function poisson(random: Random, mean: number): number {
  if (mean <= 0) return 0;
  if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = uniform(random); product > limit; product *= uniform(random)) count++;
  return count;
}
