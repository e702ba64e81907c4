import { type AlertCondition, type AlertRule, secondsOf } from "@spanhouse/schemas/api/alerts";
import { isSummed } from "@spanhouse/store/readers/signal-windows";
import { type Baseline, readBaseline } from "./baseline.ts";
import { scaleOf } from "./scale.ts";
import type { Verdict, Verdicts } from "./verdict.ts";
import { byEnd, type Ends, type ReadWindows, speedOf, verdictsOf } from "./windows.ts";

type AnomalyCondition = Extract<AlertCondition, { readonly kind: "anomaly" }>;

/** How long a baseline is used before it is learnt again, s. */
const learntFor = 6 * 3600;
/** Over at this share of the distance at which it is breached: in between it stays as it is. */
const clearShare = 0.6;

/** Against what the hour of the week has: as many deviations as the rule says, and no less than its floor. */
export function createAnomalyJudge(rule: AlertRule, condition: AnomalyCondition) {
  const scale = scaleOf(rule.signal);
  const summed = isSummed(rule.signal);
  const window = secondsOf(rule.window);
  const { direction, sensitivity, floor } = condition;
  let learnt: { readonly until: number; readonly baseline: Baseline } | undefined;

  /** The same whenever it is asked for: learnt up to a time that the end alone decides. */
  async function baselineAt(read: ReadWindows, end: number): Promise<Baseline> {
    const at = Math.floor(end / learntFor) * learntFor;
    if (learnt?.until !== at) {
      learnt = { until: at, baseline: await readBaseline(read, { at, window, summed, scale }) };
    }
    return learnt.baseline;
  }

  return async function judgeAnomaly(read: ReadWindows, ends: Ends): Promise<readonly Verdicts[]> {
    const windows = byEnd(await read(ends));
    const verdicts: Verdicts[] = [];
    for (let first = ends.first; first <= ends.last; ) {
      const baseline = await baselineAt(read, first);
      const until = (Math.floor(first / learntFor) + 1) * learntFor;
      const steps = Math.max(0, Math.ceil((Math.min(until, ends.last + ends.step) - first) / ends.step) - 1);
      const part = { ...ends, first, last: first + steps * ends.step };
      // A group that has ended has no window, and is below what is expected of it.
      const groupsAt = (end: number) => (summed ? baseline.groups : (windows.get(end)?.keys() ?? []));
      verdicts.push(...verdictsOf(part, groupsAt, (key, end) => verdictOf(baseline, windows, key, end)));
      first = part.last + ends.step;
    }
    return verdicts;
  };

  function verdictOf(
    baseline: Baseline,
    windows: ReturnType<typeof byEnd>,
    key: string,
    end: number,
  ): Verdict | undefined {
    const found = windows.get(end)?.get(key);
    const value = found ? found.value : summed ? 0 : null;
    const calls = found?.calls ?? 0;
    const expected = baseline.expected(key, end);
    const dispersion = Math.max(
      baseline.dispersion(key) ?? scale.usualDispersion ?? Number.NaN,
      scale.usualDispersion ?? 0,
    );
    if (value === null || expected === undefined || Number.isNaN(dispersion)) return undefined;
    if (Math.max(calls, summed ? expected.calls : 0) < rule.minimum_calls) return undefined;
    const distance = scale.distance(value, expected);
    const bound = Math.max(
      sensitivity * Math.sqrt(scale.variance(expected, calls, dispersion)),
      scale.floor(floor, expected),
    );
    const towards = direction === "up" ? distance : direction === "down" ? -distance : Math.abs(distance);
    return {
      breached: towards > bound,
      over: towards <= clearShare * bound,
      value: speedOf(rule, value),
      expected: speedOf(rule, expected.value),
    };
  }
}
