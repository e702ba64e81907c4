import type { ChargedFigures, ChargedTo, ChargeLine } from "@spanhouse/store/chargebacks";

const counts = [
  "calls",
  "unpricedCalls",
  "inputTokens",
  "cacheReadTokens",
  "cacheWriteTokens",
  "outputTokens",
] as const;
const amounts = ["cost", "estimatedCost"] as const;
const nothing: ChargedFigures = {
  ...{ calls: 0, unpricedCalls: 0, inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 },
  ...{ cost: 0n, estimatedCost: 0n },
};

/** What lines come to, by who is charged: only those that come to something. */
export function summed(lines: readonly ChargeLine[]): readonly ChargeLine[] {
  return grouped(lines, ({ team, costCentre, feature, provider, model }) => ({
    team,
    costCentre,
    feature,
    provider,
    model,
  }));
}

/** What has become other than was stated: what the present lines come to, less the stated ones. */
export function differences(present: readonly ChargeLine[], stated: readonly ChargeLine[]): readonly ChargeLine[] {
  return summed([...present, ...stated.map(negated)]);
}

/** By team and cost centre alone. */
export function byOwner(lines: readonly ChargeLine[]): readonly ChargeLine[] {
  return grouped(lines, ({ team, costCentre }) => ({ team, costCentre, feature: "", provider: "", model: "" }));
}

export function total(lines: readonly ChargeLine[]): ChargedFigures {
  return lines.reduce<ChargedFigures>(plus, nothing);
}

function grouped(lines: readonly ChargeLine[], chargedTo: (line: ChargeLine) => ChargedTo): readonly ChargeLine[] {
  const groups = new Map<string, ChargeLine>();
  for (const line of lines) {
    const to = chargedTo(line);
    const key = JSON.stringify(Object.values(to));
    groups.set(key, { ...to, ...plus(groups.get(key) ?? nothing, line) });
  }
  return [...groups]
    .filter(([, line]) => counts.some((field) => line[field] !== 0) || amounts.some((field) => line[field] !== 0n))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, line]) => line);
}

function plus(a: ChargedFigures, b: ChargedFigures): ChargedFigures {
  return {
    ...(Object.fromEntries(counts.map((field) => [field, a[field] + b[field]])) as Record<
      (typeof counts)[number],
      number
    >),
    cost: a.cost + b.cost,
    estimatedCost: a.estimatedCost + b.estimatedCost,
  };
}

function negated(line: ChargeLine): ChargeLine {
  const negative = Object.fromEntries(counts.map((field) => [field, 0 - line[field]]));
  return { ...line, ...negative, cost: -line.cost, estimatedCost: -line.estimatedCost };
}
