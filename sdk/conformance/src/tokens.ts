/** The simulator's token rule: a quarter of the UTF-16 code units, rounded up. Not any tokenizer's, but the same for all. */
export const tokensOf = (text: string): number => Math.ceil(text.length / 4);

/** The text cut to at most so many tokens. */
export const cutToTokens = (text: string, tokens: number): string => text.slice(0, tokens * 4);

/** Tokens in inclusive terms: input includes all of the cache, output includes reasoning. */
export interface SimulatedUsage {
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  /** Both lifetimes together. */
  readonly cacheWriteTokens: number;
  /** The part of `cacheWriteTokens` that lives an hour (only Anthropic tells them apart). */
  readonly cacheWrite1hTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}
