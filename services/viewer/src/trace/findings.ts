import { shortCount } from "../format/count.ts";
import { duration } from "../format/duration.ts";
import { moneyOf } from "../format/money.ts";
import type { SiblingMarks } from "./siblings.ts";
import { childrenOf, type SpanTable } from "./span-table.ts";

/** Where a person who is looking for trouble would look first. */
export interface Finding {
  readonly kind: "error" | "refusal" | "slowest" | "repeated" | "dearest";
  readonly label: string;
  readonly value: string;
  readonly index: number;
}

const leastShare = 0.1;

/** At most one of each kind, the worst. Groups name their first span. */
export function findingsOf(table: SpanTable, marks: SiblingMarks, self: Float64Array): readonly Finding[] {
  const findings: Finding[] = [];
  const worst = { error: -1, refusal: -1, slowest: -1, repeated: -1, dearest: -1 };
  let errors = 0;
  let refusals = 0;
  let total = 0;
  for (let at = 0; at < table.size; at++) {
    const { outcome, aggregate, role } = table.node(at);
    if (outcome === "error") {
      errors++;
      // The deepest of the first failure: where it began, not where it was passed on.
      if (worst.error === -1 || table.parent[at] === worst.error) worst.error = at;
    }
    if ((outcome === "refused" || outcome === "filtered") && role === "model") {
      refusals++;
      if (worst.refusal === -1) worst.refusal = at;
    }
    total += self[at]!;
    if (worst.slowest === -1 || self[at]! > self[worst.slowest]!) worst.slowest = at;
    if (!aggregate && (worst.dearest === -1 || table.cost[at]! > table.cost[worst.dearest]!)) worst.dearest = at;
    if (marks.run[at]! > (worst.repeated === -1 ? 0 : marks.run[worst.repeated]!)) worst.repeated = at;
  }
  const add = (kind: Finding["kind"], label: string, value: (index: number) => string) => {
    const index = worst[kind];
    if (index >= 0) findings.push({ kind, label, value: value(index), index });
  };
  const name = (index: number) => table.node(index).name;
  add("error", errors > 1 ? `${shortCount(errors)} errors, first` : "Error", name);
  add("refusal", refusals > 1 ? `${shortCount(refusals)} refusals, first` : "Refusal", name);
  if (worst.slowest >= 0 && table.size > 1 && self[worst.slowest]! >= total * leastShare) {
    add("slowest", "Slowest", (index) => `${name(index)} ${duration(self[index]!)}`);
  }
  add("repeated", "Repeated", (index) => `×${marks.run[index]} ${name(index)}`);
  if (worst.dearest >= 0 && table.cost[worst.dearest]! > 0n && hasOthers(table)) {
    add("dearest", "Dearest", (index) => `${name(index)} ${moneyOf(table.cost[index]!)}`);
  }
  return findings;
}

const hasOthers = (table: SpanTable) => !childrenOf(table, -1).next().done && table.size > 1;
