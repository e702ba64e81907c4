import { type AlertRule, alertNameSchema, alertRuleSchema, secondsOf } from "@spanhouse/schemas/api/alerts";
import type { Dimension } from "@spanhouse/schemas/api/metrics";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { WindowsQuestion } from "../readers/metric-windows.ts";
import { isMeasure, isSummed, windowsProblem } from "../readers/signal-windows.ts";

/** Of whom a rule asks what. */
export function questionOf({ signal, group_by, filters, window }: AlertRule) {
  return {
    signal,
    groupBy: group_by,
    filters: new Map(Object.entries(filters)) as ReadonlyMap<Dimension, readonly string[]>,
    window: secondsOf(window),
  } satisfies Partial<WindowsQuestion<AlertRule["signal"]>>;
}

/** A rule as it was written, whole. Throws INVALID_PARAMETER naming what is wrong and what was expected. */
export function parseAlertRule(name: string, content: unknown): AlertRule {
  const named = alertNameSchema.safeParse(name);
  if (!named.success) throw invalid(JSON.stringify(name), [named.error.issues[0]!.message]);
  const parsed = alertRuleSchema.safeParse(content);
  if (!parsed.success) {
    throw invalid(
      name,
      parsed.error.issues.map(({ path, message }) => `${path.join(".") || "the rule"}: ${message}`),
    );
  }
  const problems = problemsOf(parsed.data);
  if (problems.length > 0) throw invalid(name, problems);
  return parsed.data;
}

function problemsOf(rule: AlertRule): readonly string[] {
  const { signal, condition, per, filters } = rule;
  const asked = windowsProblem(questionOf(rule));
  const problems = asked === undefined ? [] : [`signal: ${asked}`];
  if (per !== undefined && !isSummed(signal)) problems.push(`per: expected a signal that is a sum; ${signal} is none`);
  if (condition.kind === "absent" && signal !== "calls") problems.push(`signal: expected calls; got ${signal}`);
  if (condition.kind === "absent" && Object.hasOwn(filters, "outcome"))
    problems.push("filters.outcome: expected none, for calls that end another way are not absent");
  if (condition.kind === "anomaly" && !isMeasure(signal)) {
    problems.push(`signal: expected a measure, which has a past; got ${signal}`);
  }
  if (condition.kind === "burn_rate") {
    const fits = condition.budget ? ["cost", "estimated_cost"].includes(signal) : signal.endsWith("_rate");
    if (!fits) problems.push(`signal: expected ${condition.budget ? "cost" : "a rate"}; got ${signal}`);
  }
  return problems;
}

function invalid(name: string, problems: readonly string[]): SpanhouseError {
  return new SpanhouseError("INVALID_PARAMETER", `alert rule ${name}: ${problems.join("; ")}`);
}
