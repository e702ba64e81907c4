import { formatDollars, parseDollars } from "@spanhouse/schemas/money";
import { type Check, fact } from "../finding.ts";
import { grouped } from "../grouped.ts";

const leastCalls = 4;
const times = 8n;

/** One call of a model that costs many times what its others do, and at least half of what all cost together. */
export const costOutlier: Check = ({ calls }) => {
  const groups = grouped(
    calls.filter(({ facts }) => facts.price_state === "priced"),
    ({ facts }) => `${facts.provider}\n${facts.response_model}\n${facts.operation}`,
  );
  return groups.flatMap((group) => {
    if (group.length < leastCalls) return [];
    const dear = group
      .map((call) => ({ call, cost: parseDollars(call.facts.cost) }))
      .sort((a, b) => (a.cost < b.cost ? 1 : -1));
    const [{ call, cost }, ...others] = dear as [(typeof dear)[number], ...typeof dear];
    const middle = others[Math.floor(others.length / 2)]!.cost;
    const rest = others.reduce((sum, one) => sum + one.cost, 0n);
    if (middle === 0n || cost < middle * times || cost < rest) return [];
    const { input_tokens, output_tokens, span_id } = call.facts;
    return [
      {
        severity: "warning" as const,
        span_id,
        evidence: fact(call, `${input_tokens} input and ${output_tokens} output tokens`),
        says: `The call costs ${formatDollars(cost)} USD, ${cost / middle} times what the other ${others.length} of its model do (median ${formatDollars(middle)} USD).`,
        fix: "Look at what is in this prompt alone, such as a whole document or a long result of a tool, and cut it.",
      },
    ];
  });
};
