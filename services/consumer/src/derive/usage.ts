import { type EstimatedUsage, SpanFlag, type Usage, type UsageState } from "@spanhouse/schemas/span";

/**
 * Token counts as some dialect or provider said them, not yet judged: undefined was not said, NaN was said and is no
 * number.
 */
export interface TokenCounts {
  readonly input?: number | undefined;
  readonly output?: number | undefined;
  readonly cacheRead?: number | undefined;
  readonly cacheWrite?: number | undefined;
  readonly reasoning?: number | undefined;
  /** Other billing units by their catalogue name. */
  readonly units?: Readonly<Record<string, number | undefined>> | undefined;
  /** `input` excludes cached tokens, as in Anthropic's own bodies. */
  readonly exclusiveInput?: boolean | undefined;
  /**
   * Not, or not surely, the provider's counts: the instrumentation counts by itself, or leaves out what the price
   * depends on. Then they are an estimate.
   */
  readonly approximate?: boolean | undefined;
}

export interface UsageReading {
  readonly usage: Usage;
  /** `exact` where every count that a price of this family needs was said; else `unknown`. */
  readonly state: Extract<UsageState, "exact" | "unknown">;
  /** What approximate counts say; the usage is unknown then. */
  readonly estimate?: EstimatedUsage;
  readonly flags: number;
}

/** 2^48: more tokens than any call can have, and sums stay exact in 64 bits. */
const largestCount = 2 ** 48;

const noUnits: Usage["units"] = {};

export const noUsage: Usage = {
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  units: noUnits,
};

/**
 * Counts in the semantic conventions' meaning: input includes the cache, output includes reasoning. A count that cannot
 * be true is not taken; the others are. Where the cache exceeds the input, the input was said without it.
 */
export function usageOf(counts: TokenCounts, needsOutput: boolean): UsageReading {
  let flags = 0;
  const valid = (count: number | undefined): number | undefined => {
    if (count === undefined) return undefined;
    if (Number.isInteger(count) && count >= 0 && count <= largestCount) return count;
    flags |= SpanFlag.invalidUsage;
    return undefined;
  };

  const input = valid(counts.input);
  const output = valid(counts.output);
  const cacheRead = valid(counts.cacheRead) ?? 0;
  const cacheWrite = valid(counts.cacheWrite) ?? 0;
  const reasoning = valid(counts.reasoning) ?? 0;
  const units = counts.units === undefined ? noUnits : validUnits(counts.units, valid);

  let inputTokens = input ?? 0;
  if (input !== undefined && counts.exclusiveInput) {
    inputTokens += cacheRead + cacheWrite;
  } else if (input !== undefined && cacheRead + cacheWrite > input) {
    inputTokens += cacheRead + cacheWrite;
    flags |= SpanFlag.exclusiveInput;
  }

  const told = input !== undefined && (output !== undefined || !needsOutput);
  if (told && counts.approximate) {
    return { usage: noUsage, state: "unknown", estimate: { inputTokens, outputTokens: output ?? 0 }, flags };
  }
  return {
    usage: {
      inputTokens,
      cacheReadTokens: cacheRead,
      cacheWriteTokens: cacheWrite,
      outputTokens: output ?? 0,
      reasoningTokens: reasoning,
      units,
    },
    state: told ? "exact" : "unknown",
    flags,
  };
}

function validUnits(
  units: Readonly<Record<string, number | undefined>>,
  valid: (count: number | undefined) => number | undefined,
): Usage["units"] {
  let taken: Record<string, number> | undefined;
  for (const name in units) {
    const count = valid(units[name]);
    if (!count) continue;
    taken ??= {};
    taken[name] = count;
  }
  return taken ?? noUnits;
}
