import { formatDollars, parseDollars } from "@spanhouse/schemas/money";
import { type Check, fact } from "../finding.ts";
import { grouped } from "../grouped.ts";

const leastCalls = 4;
const times = 5n;

/** Calls of a model of which one, or a few that go on with it, cost many times what the others do, and most of the sum. */
export const costOutlier: Check = ({ calls }) => {
  const groups = grouped(
    calls.filter(({ facts }) => facts.price_state === "priced"),
    ({ facts }) => `${facts.provider}\n${facts.response_model}\n${facts.operation}`,
  );
  return groups.flatMap((group) => {
    if (group.length < leastCalls) return [];
    const costs = group.map(({ facts }) => parseDollars(facts.cost)).sort((a, b) => (a < b ? -1 : 1));
    const leap = costs.findIndex((cost, i) => i >= 2 && costs[i - 1]! > 0n && cost >= costs[i - 1]! * times);
    const sum = (of: readonly bigint[]) => of.reduce((all, cost) => all + cost, 0n);
    if (leap < 0 || sum(costs.slice(leap)) < sum(costs.slice(0, leap))) return [];
    const call = group.find(({ facts }) => parseDollars(facts.cost) >= costs[leap]!)!;
    const cost = parseDollars(call.facts.cost);
    const middle = costs[Math.floor(leap / 2)]!;
    const { input_tokens, output_tokens, span_id } = call.facts;
    return [
      {
        severity: "warning" as const,
        span_id,
        evidence: fact(call, `${input_tokens} input and ${output_tokens} output tokens`),
        says: `The call costs ${formatDollars(cost)} USD, ${cost / middle} times the median of the ${leap} cheaper ones of its model (${formatDollars(middle)} USD).`,
        fix: "Look at what is in this prompt alone, such as a whole document or a long result of a tool, and cut it.",
      },
    ];
  });
};
