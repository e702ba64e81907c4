import { baselineKey } from "../baselines.ts";
import { type Check, fact } from "../finding.ts";

/** Fewer say little of the slowest in a hundred. */
const leastCalls = 100;
const times = 2;
const leastMoreUs = 1_000_000;

/** A call that took twice as long as 99 of 100 of its model did in the week before, and a second more. */
export const slowCall: Check = ({ calls, baselines }) =>
  calls.flatMap((call) => {
    const { facts } = call;
    const known = facts.response_model === "" ? undefined : baselines.get(baselineKey(facts));
    if (known === undefined || known.calls < leastCalls) return [];
    const { duration_us: took, output_tokens, reasoning_tokens, time_to_first_chunk_us: first } = facts;
    if (took < known.p99Us * times || took < known.p99Us + leastMoreUs) return [];
    const waited = first === null ? "" : `, the first after ${seconds(first)}`;
    const thought = reasoning_tokens > 0 ? ` (${reasoning_tokens} of reasoning)` : "";
    return [
      {
        severity: "warning" as const,
        span_id: facts.span_id,
        evidence: fact(call, `${seconds(took)} for ${output_tokens} output tokens${thought}${waited}`),
        says: `The call took ${seconds(took)}; of ${known.calls} calls of ${facts.response_model} in the week before, 99 of 100 took less than ${seconds(known.p99Us)}.`,
        fix: "Where it wrote much more than others, limit the answer or the reasoning; where the first chunk was late, the provider was slow: set a time-out, and try again or elsewhere.",
      },
    ];
  });

function seconds(us: number): string {
  return `${(us / 1e6).toFixed(us < 10e6 ? 1 : 0)} s`;
}
