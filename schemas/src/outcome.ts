/**
 * How a span ended. `ok` is the only success; `refused` is the model's own words, `filtered` the provider's filter.
 * Severity (for a trace that holds several) is the order of this list, least first.
 */
export const outcomes = ["ok", "truncated", "aborted", "filtered", "refused", "error"] as const;
export type Outcome = (typeof outcomes)[number];

/**
 * How sure a refusal is: the provider said so (`explicit`), the provider's filter did it (`filtered`), or only the
 * words of the answer suggest it (`suspected`). The three are never added up without saying so.
 */
export const refusals = ["none", "suspected", "filtered", "explicit"] as const;
export type Refusal = (typeof refusals)[number];

/** Why a span failed. `none` unless the outcome is `error` or `aborted`. */
export const errorClasses = [
  "none",
  "rate_limit",
  "timeout",
  "authentication",
  "invalid_request",
  "content_policy",
  "server",
  "network",
  "tool",
  "unknown",
] as const;
export type ErrorClass = (typeof errorClasses)[number];
