import type { SpanDetail } from "@spanhouse/schemas/api/spans";

/** How long calls like one took before, in µs. */
export interface Baseline {
  readonly calls: number;
  readonly p99Us: number;
}

/** By `baselineKey`. */
export type Baselines = ReadonlyMap<string, Baseline>;

/** Calls that ought to take about as long: of one model that answered, at one provider, by one operation. */
export function baselineKey({
  provider,
  response_model,
  operation,
}: Pick<SpanDetail, "provider" | "response_model" | "operation">): string {
  return [provider, response_model, operation].join("\n");
}
