import type { ConditionalPrice, ModelInfo, ModelPrice } from "@pydantic/genai-prices";

/** The prices in force at a moment, and why: empty for an unconditional price, else `2026-03-13` or `01:00:00Z-04:00:00Z`. */
export interface ActivePrice {
  readonly prices: ModelPrice;
  readonly condition: string;
}

/**
 * Which of a model's prices holds at `at` (Unix ms), as @pydantic/genai-prices defines it: the last entry whose
 * condition is met; a start date counts from midnight UTC, a time of day wraps over midnight; where no entry fits, the
 * first.
 */
export function activePrice(model: ModelInfo, at: number): ActivePrice {
  if (!Array.isArray(model.prices)) return { prices: model.prices, condition: "" };
  for (let i = model.prices.length - 1; i >= 0; i--) {
    const candidate = model.prices[i]!;
    if (isInForce(candidate, at)) return { prices: candidate.prices, condition: nameOf(candidate) };
  }
  return { prices: model.prices[0]!.prices, condition: "" };
}

function isInForce({ constraint }: ConditionalPrice, at: number): boolean {
  if (constraint === undefined) return true;
  if (constraint.type === "start_date") return at >= Date.parse(constraint.start_date);
  const millisOfDay = at % millisPerDay;
  const from = millisOfTime(constraint.start_time);
  const to = millisOfTime(constraint.end_time);
  return from <= to ? millisOfDay >= from && millisOfDay < to : millisOfDay >= from || millisOfDay < to;
}

function nameOf({ constraint }: ConditionalPrice): string {
  if (constraint === undefined) return "";
  return constraint.type === "start_date" ? constraint.start_date : `${constraint.start_time}-${constraint.end_time}`;
}

const millisPerDay = 86_400_000;

/** `16:30:00Z` or `18:30:00+02:00` as milliseconds after midnight UTC. */
function millisOfTime(time: string): number {
  return Date.parse(`1970-01-02T${time}`) % millisPerDay;
}
