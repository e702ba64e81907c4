import { csvLine } from "@spanhouse/query/csv";
import { formatDollars, type PicoDollars } from "@spanhouse/schemas/money";
import { tableLines } from "../table.ts";
import { type DifferenceClass, differenceClasses, type Explanation, unexplained } from "./differences.ts";
import type { ReconciledGroup } from "./reconcile.ts";

export const reportFormats = ["table", "json", "csv"] as const;
export type ReportFormat = (typeof reportFormats)[number];

const classes = Object.keys(differenceClasses) as readonly DifferenceClass[];

/** All groups together. */
export interface ReconciledTotal {
  readonly billed: PicoDollars;
  readonly stored: PicoDollars;
  readonly difference: PicoDollars;
  readonly explanation: Explanation;
  /** Of the difference, whatever its sign in each group: what no stored fact explains. */
  readonly unexplained: PicoDollars;
}

export function totalOf(groups: readonly ReconciledGroup[]): ReconciledTotal {
  const explanation: Partial<Record<DifferenceClass, PicoDollars>> = {};
  let open = 0n;
  for (const group of groups) {
    for (const [name, amount] of Object.entries(group.explanation) as [DifferenceClass, PicoDollars][]) {
      explanation[name] = (explanation[name] ?? 0n) + amount;
      if (unexplained.has(name)) open += amount < 0n ? -amount : amount;
    }
  }
  const billed = groups.reduce((sum, group) => sum + group.billed.dollars, 0n);
  const stored = groups.reduce((sum, group) => sum + group.stored.cost, 0n);
  return { billed, stored, difference: billed - stored, explanation, unexplained: open };
}

export function reportLines(groups: readonly ReconciledGroup[], format: ReportFormat): readonly string[] {
  if (format === "json") return [JSON.stringify({ total: totalJson(totalOf(groups)), groups: groups.map(groupJson) })];
  return format === "csv" ? csvOf(groups) : tableOf(groups);
}

function dollarsOf(explanation: Explanation): Partial<Record<DifferenceClass, string>> {
  return Object.fromEntries(Object.entries(explanation).map(([name, amount]) => [name, formatDollars(amount)]));
}

function totalJson({ explanation, ...amounts }: ReconciledTotal) {
  const dollars = Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, formatDollars(amount)]));
  return { ...dollars, explanation: dollarsOf(explanation) };
}

function groupJson({ day, model, key, tier, billed, stored, difference, explanation }: ReconciledGroup) {
  return {
    ...{ day, model, key, tier },
    ...{ billed: formatDollars(billed.dollars), stored: formatDollars(stored.cost) },
    ...{ difference: formatDollars(difference), explanation: dollarsOf(explanation) },
    ...{ billed_calls: billed.calls ?? null, stored_calls: stored.calls },
    ...{ billed_input_tokens: billed.inputTokens ?? null, stored_input_tokens: stored.inputTokens },
    ...{ billed_output_tokens: billed.outputTokens ?? null, stored_output_tokens: stored.outputTokens },
  };
}

function csvOf(groups: readonly ReconciledGroup[]): string[] {
  const head = [
    "day",
    "model",
    "key",
    "tier",
    "billed",
    "stored",
    "difference",
    "billed_calls",
    "stored_calls",
    ...classes,
  ];
  const rows = groups.map((group) => {
    const { day, model, key, tier, billed, stored, difference, billed_calls, stored_calls, explanation } =
      groupJson(group);
    const cells = [day, model, key, tier, billed, stored, difference, billed_calls, stored_calls];
    return [...cells, ...classes.map((name) => explanation[name] ?? "")];
  });
  return [head, ...rows].map((cells) => csvLine(cells).trimEnd());
}

function tableOf(groups: readonly ReconciledGroup[]): string[] {
  const different = groups.filter(
    ({ difference, explanation }) => difference !== 0n || Object.keys(explanation).length > 0,
  );
  const total = totalOf(groups);
  const rows = different.map((group) => {
    const { day, model, key, tier, billed, stored, difference, billed_calls, stored_calls, explanation } =
      groupJson(group);
    const why = Object.entries(explanation).map(([name, amount]) => `${name} ${amount}`);
    return [
      day,
      model,
      key,
      tier,
      billed,
      stored,
      difference,
      `${billed_calls ?? "?"}/${stored_calls}`,
      why.join(", "),
    ];
  });
  const head = ["day", "model", "key", "tier", "billed", "stored", "difference", "calls", "because of"];
  return [
    ...(rows.length > 0 ? [...tableLines(head, rows), ""] : []),
    `billed ${formatDollars(total.billed)}, stored ${formatDollars(total.stored)}, difference ${formatDollars(total.difference)} USD`,
    ...classes.flatMap((name) => {
      const amount = total.explanation[name];
      return amount === undefined
        ? []
        : [`  ${formatDollars(amount).padStart(20)}  ${name}: ${differenceClasses[name]}`];
    }),
  ];
}
