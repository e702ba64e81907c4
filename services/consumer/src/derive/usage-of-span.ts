import type { EstimatedUsage, Usage, UsageState } from "@spanhouse/schemas/span";
import type { OperationMeaning } from "./operations.ts";
import { noUsage, type TokenCounts, usageOf } from "./usage.ts";

/**
 * The usage that counts for a span. Calls and wrappers have one; a tool, retrieval or other span that repeats the usage
 * of what ran inside does not, because nothing below a tool is a repetition of what is above it.
 * A finished call that is known to consume tokens and does not say how many is `unknown`.
 */
export function usageReadingOf(
  counts: TokenCounts | undefined,
  { role, family, usageExpected }: OperationMeaning,
  open: boolean,
): {
  readonly usage: Usage;
  readonly state: UsageState;
  readonly estimate?: EstimatedUsage;
  readonly flags: number;
} {
  // An estimate of a wrapper would repeat those of its calls, which nothing marks: it is not taken.
  const spends = role === "model" || (role === "wrapper" && !counts?.approximate);
  if (spends && counts !== undefined) return usageOf(counts, family === "generate");
  return { usage: noUsage, state: usageExpected && !open ? "unknown" : "none", flags: 0 };
}
