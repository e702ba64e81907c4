import { type AlertCondition, type AlertRule, secondsOf } from "@spanhouse/schemas/api/alerts";
import { keyOf, type Verdict, type Verdicts } from "./verdict.ts";
import { byEnd, type Ends, hasEnough, type ReadWindows, verdictsOf } from "./windows.ts";

type BurnCondition = Extract<AlertCondition, { readonly kind: "burn_rate" }>;

const periods = { day: 86_400, week: 7 * 86_400, month: 30 * 86_400 } as const;

/**
 * How many times as fast as allowed a budget or an error objective is used up, over pairs of windows: the long one says
 * that it matters, the short one that it still goes on. https://sre.google/workbook/alerting-on-slos/
 */
export async function judgeBurnRate(
  rule: AlertRule,
  { budget, objective, windows }: BurnCondition,
  read: ReadWindows,
  ends: Ends,
): Promise<readonly Verdicts[]> {
  const lengths = [...new Set(windows.flatMap(({ long, short }) => [secondsOf(long), secondsOf(short)]))];
  const byLength = new Map(
    await Promise.all(lengths.map(async (length) => [length, byEnd(await read(ends, length))] as const)),
  );
  const allowed = (seconds: number) =>
    budget ? Number(budget.amount) * (seconds / periods[budget.period]) : 1 - (objective ?? 0);
  const burn = (key: string, end: number, seconds: number): number => {
    const window = byLength.get(seconds)!.get(end)?.get(key);
    return window?.value && hasEnough(rule, window) ? window.value / allowed(seconds) : 0;
  };
  const groupsAt = (end: number) =>
    new Set(
      lengths.flatMap((length) => [...(byLength.get(length)!.get(end)?.values() ?? [])].map(({ key }) => keyOf(key))),
    );
  return verdictsOf(ends, groupsAt, (key, end): Verdict => {
    const pairs = windows.map(({ long, short, factor }) => ({
      factor,
      value: Math.min(burn(key, end, secondsOf(long)), burn(key, end, secondsOf(short))),
    }));
    const worst = pairs.reduce((a, b) => (b.value / b.factor > a.value / a.factor ? b : a));
    const breached = worst.value > worst.factor;
    return { breached, over: !breached, value: worst.value, expected: worst.factor };
  });
}
