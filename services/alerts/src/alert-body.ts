import { createHash } from "node:crypto";
import type { AlertEvidence, AlertRule } from "@spanhouse/schemas/api/alerts";
import { keyFrom, type Verdict } from "./conditions/verdict.ts";

/** What an event says, as `alert_events` keeps it and receivers are told. */
export interface AlertBody {
  /** A value for each dimension that the rule groups by. */
  readonly group: Readonly<Record<string, string>>;
  readonly severity: AlertRule["severity"];
  readonly signal: AlertRule["signal"];
  readonly summary: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | null;
  readonly expected: number | null;
  readonly settled: boolean;
  readonly evidence: AlertEvidence;
}

export const noEvidence: AlertEvidence = { traces: [], series: [], contributions: [], kinds: [] };

/** Whoever finds the episode gives it the same name. */
export function episodeOf(project: string, rule: string, key: string, firedAt: number): string {
  return createHash("sha256")
    .update(JSON.stringify([project, rule, key, firedAt]))
    .digest("hex")
    .slice(0, 32);
}

export function groupOf({ group_by }: AlertRule, key: string): Readonly<Record<string, string>> {
  const values = keyFrom(key);
  return Object.fromEntries(group_by.map((dimension, i) => [dimension, values[i] ?? ""]));
}

/** For a person: three digits, of what is small or great in its own way. */
export function shownValue(signal: AlertRule["signal"], value: number | null): string {
  if (value === null) return "unknown";
  if (/(_rate|_coverage)$/.test(signal)) return `${Number((value * 100).toPrecision(3))} %`;
  if (/cost|savings/.test(signal)) return `$${value < 1 ? Number(value.toPrecision(3)) : value.toFixed(2)}`;
  if (signal.endsWith("_us")) return `${Number((value / 1_000_000).toPrecision(3))} s`;
  return String(value >= 1000 ? Math.round(value) : Number(value.toPrecision(3)));
}

/** The rule's own summary, or one that says what is where and what was expected. */
export function summaryOf(name: string, rule: AlertRule, key: string, verdict: Verdict | undefined): string {
  const group = groupOf(rule, key);
  const burning = rule.condition.kind === "burn_rate";
  const shown = (value: number | null | undefined) =>
    burning ? `${Number((value ?? 0).toPrecision(3))} ×` : shownValue(rule.signal, value ?? null);
  const replaced: Readonly<Record<string, string>> = {
    ...group,
    value: shown(verdict?.value),
    expected: shown(verdict?.expected),
  };
  if (rule.summary !== "") {
    return rule.summary.replaceAll(/\{\{ *(\w+) *\}\}/g, (whole, word: string) => replaced[word] ?? whole);
  }
  const where = Object.values(group).filter((value) => value !== "");
  const of = where.length === 0 ? "" : ` of ${where.join(", ")}`;
  const per = rule.per === undefined ? "" : ` a ${rule.per}`;
  const what = burning ? `burn of ${rule.signal}` : rule.signal.replace(/_us$/, "").replaceAll("_", " ");
  const against =
    verdict?.expected == null
      ? ""
      : `; ${rule.condition.kind === "anomaly" || rule.condition.kind === "change" ? "usual" : "bound"}: ${replaced.expected}${per}`;
  return `${name}: ${what}${of} is ${replaced.value}${per} in ${rule.window}${against}`;
}
