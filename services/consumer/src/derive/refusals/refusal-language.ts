/**
 * How one language refuses, as the beginning of an answer. All three are sources of regular expressions, matched without
 * regard to case; letters have no accents, as they are taken away before.
 */
export interface RefusalLanguage {
  /** What may stand before it, perhaps repeated: an apology, a regret, "as an AI". */
  readonly openings: readonly string[];
  /** The refusal itself: first person and will, or the rule that the request is against. */
  readonly refusals: readonly string[];
  /** What looks the same and is none: nothing was found, something is out of reach, an idiom. Anywhere in the opening. */
  readonly others: readonly string[];
}

/** The alternatives as one group. */
export function anyOf(...sources: readonly string[]): string {
  return `(?:${sources.join("|")})`;
}
