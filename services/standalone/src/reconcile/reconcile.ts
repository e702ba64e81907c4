import type { PicoDollars } from "@spanhouse/schemas/money";
import type { BilledLine } from "./billed-line.ts";
import type { Explanation } from "./differences.ts";
import { type Billed, explainTiers, type Pair } from "./explain.ts";
import { type Alias, keyNames, modelNames, tierName } from "./match-names.ts";
import type { CostlessCalls, StoredSpend } from "./stored-spend.ts";

/** What a bill is laid beside spend by, beside the day. */
export const dimensions = ["model", "key", "tier"] as const;
export type Dimension = (typeof dimensions)[number];

/** Bill and spend of one day, model, key and tier; empty where it is not told apart by that. */
export interface ReconciledGroup extends Pair {
  readonly day: string;
  readonly model: string;
  readonly key: string;
  readonly tier: string;
  readonly difference: PicoDollars;
  readonly explanation: Explanation;
}

export interface ReconcileInput {
  readonly billed: readonly BilledLine[];
  readonly stored: readonly StoredSpend[];
  readonly by: readonly Dimension[];
  readonly aliases: readonly Alias[];
}

/** Those dimensions that every priced line of the bill tells. */
export function toldDimensions(lines: readonly BilledLine[]): readonly Dimension[] {
  const priced = lines.filter(({ amount }) => amount !== undefined);
  return dimensions.filter((dimension) => priced.some((line) => (line[dimension] ?? "") !== ""));
}

/** Lays the bill beside what is stored, and explains every difference. By day, model, key and tier. */
export function reconcile({ billed, stored, by, aliases }: ReconcileInput): readonly ReconciledGroup[] {
  const modelOf = modelNames(
    stored.map(({ model }) => model),
    aliases,
  );
  const keyOf = keyNames(aliases);
  const of = (dimension: Dimension, value: string) => (by.includes(dimension) ? value : "");
  const groups = new Map<string, { -readonly [Field in "day" | Dimension]: string } & Writable<Pair>>();
  const groupOf = (day: string, model: string, key: string, tier: string) => {
    const name = { day, model: of("model", model), key: of("key", key), tier: of("tier", tierName(tier)) };
    const id = JSON.stringify(name);
    const group = groups.get(id) ?? { ...name, billed: unbilled, stored: unspent };
    groups.set(id, group);
    return group;
  };
  for (const line of billed) {
    const group = groupOf(line.day, modelOf(line.model), keyOf(line.key ?? ""), line.tier ?? "");
    group.billed = plusLine(group.billed, line);
  }
  for (const spend of stored) {
    const group = groupOf(spend.day, spend.model, spend.key, spend.tier);
    group.stored = plusSpend(group.stored, spend);
  }

  const siblings = new Map<string, (Writable<Pair> & Readonly<Record<"day" | Dimension, string>>)[]>();
  for (const group of groups.values()) {
    const id = JSON.stringify([group.day, group.model, group.key]);
    siblings.set(id, [...(siblings.get(id) ?? []), group]);
  }
  return [...siblings.values()]
    .flatMap((tiers) => {
      const explanations = explainTiers(tiers);
      return tiers.map((group, i) => ({
        ...group,
        difference: group.billed.dollars - group.stored.cost,
        explanation: explanations[i]!,
      }));
    })
    .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

function orderOf({ day, model, key, tier }: ReconciledGroup): string {
  return [day, model, key, tier].join("\0");
}

const unbilled: Billed = {
  dollars: 0n,
  rounding: 0n,
  calls: undefined,
  inputTokens: undefined,
  outputTokens: undefined,
};
const noCalls: CostlessCalls = { calls: 0, estimate: 0n, unestimated: 0 };
const unspent: Pair["stored"] = {
  ...{ calls: 0, pricedCalls: 0, cost: 0n, inputTokens: 0, outputTokens: 0 },
  ...{ aborted: noCalls, failed: noCalls, unknownUsage: noCalls, unknownPrice: noCalls },
  ...{ beganBefore: 0n, endedAfter: 0n },
};

function plusLine(a: Billed, { amount, calls, inputTokens, outputTokens }: BilledLine): Billed {
  return {
    dollars: a.dollars + (amount?.dollars ?? 0n),
    rounding: a.rounding + (amount?.rounding ?? 0n),
    calls: sum(a.calls, calls),
    inputTokens: sum(a.inputTokens, inputTokens),
    outputTokens: sum(a.outputTokens, outputTokens),
  };
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return b === undefined ? a : (a ?? 0) + b;
}

function plusSpend(a: Pair["stored"], b: Pair["stored"]): Pair["stored"] {
  return {
    calls: a.calls + b.calls,
    pricedCalls: a.pricedCalls + b.pricedCalls,
    cost: a.cost + b.cost,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    aborted: plusCalls(a.aborted, b.aborted),
    failed: plusCalls(a.failed, b.failed),
    unknownUsage: plusCalls(a.unknownUsage, b.unknownUsage),
    unknownPrice: plusCalls(a.unknownPrice, b.unknownPrice),
    beganBefore: a.beganBefore + b.beganBefore,
    endedAfter: a.endedAfter + b.endedAfter,
  };
}

function plusCalls(a: CostlessCalls, b: CostlessCalls): CostlessCalls {
  return {
    calls: a.calls + b.calls,
    estimate: a.estimate + b.estimate,
    unestimated: a.unestimated + b.unestimated,
  };
}
