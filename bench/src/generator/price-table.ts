/**
 * The ledger's own prices, written down by hand from the providers' price pages and independent of the price book that
 * the consumer uses; `price-table.test.ts` lays both side by side.
 */

/** Micro-dollars for a million tokens, which is pico-dollars for one. */
export interface TokenPrice {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
}

/** Input includes what was read from and written to the cache; output includes reasoning. */
export interface TokenUsage {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

/** OpenAI does not charge for writing its cache: what is written costs as input. */
export const tokenPrices = {
  "gpt-4o": { input: 2_500_000, cacheRead: 1_250_000, cacheWrite: 2_500_000, output: 10_000_000 },
  "gpt-4o-mini": { input: 150_000, cacheRead: 75_000, cacheWrite: 150_000, output: 600_000 },
  "gpt-4.1": { input: 2_000_000, cacheRead: 500_000, cacheWrite: 2_000_000, output: 8_000_000 },
  "gpt-5-mini": { input: 250_000, cacheRead: 25_000, cacheWrite: 250_000, output: 2_000_000 },
  "o3-mini": { input: 1_100_000, cacheRead: 550_000, cacheWrite: 1_100_000, output: 4_400_000 },
  "text-embedding-3-small": { input: 20_000, cacheRead: 20_000, cacheWrite: 20_000, output: 0 },
  "claude-sonnet-4-0": { input: 3_000_000, cacheRead: 300_000, cacheWrite: 3_750_000, output: 15_000_000 },
  "claude-haiku-4-5": { input: 1_000_000, cacheRead: 100_000, cacheWrite: 1_250_000, output: 5_000_000 },
  "claude-opus-4-1": { input: 15_000_000, cacheRead: 1_500_000, cacheWrite: 18_750_000, output: 75_000_000 },
} as const satisfies Record<string, TokenPrice>;

/** Pico-dollars. All prices are whole pico-dollars a token: nothing is rounded. */
export function costOf(price: TokenPrice, { input, cacheRead, cacheWrite, output }: TokenUsage): bigint {
  const plain = input - cacheRead - cacheWrite;
  return (
    BigInt(plain) * BigInt(price.input) +
    BigInt(cacheRead) * BigInt(price.cacheRead) +
    BigInt(cacheWrite) * BigInt(price.cacheWrite) +
    BigInt(output) * BigInt(price.output)
  );
}

/** What the cached input would have cost more as plain input, pico-dollars; less than nothing where it was only written. */
export function cacheSavingsOf(price: TokenPrice, { cacheRead, cacheWrite }: TokenUsage): bigint {
  return (
    BigInt(cacheRead) * BigInt(price.input - price.cacheRead) +
    BigInt(cacheWrite) * BigInt(price.input - price.cacheWrite)
  );
}
