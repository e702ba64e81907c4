import { type AlertCondition, type AlertRule, secondsOf } from "@spanhouse/schemas/api/alerts";
import { heldAgainst, type Verdicts } from "./verdict.ts";
import { byEnd, type Ends, hasEnough, type ReadWindows, speedOf, verdictsOf } from "./windows.ts";

type ChangeCondition = Extract<AlertCondition, { readonly kind: "change" }>;

/** The window by one before. Both must have enough calls: by nothing nothing is divided. */
export async function judgeChange(
  rule: AlertRule,
  condition: ChangeCondition,
  read: ReadWindows,
  ends: Ends,
): Promise<readonly Verdicts[]> {
  const offset = secondsOf(condition.offset ?? rule.window);
  const [now, before] = (
    await Promise.all([read(ends), read({ ...ends, first: ends.first - offset, last: ends.last - offset })])
  ).map(byEnd);
  return verdictsOf(
    ends,
    (end) => before!.get(end - offset)?.keys() ?? [],
    (key, end) => {
      const earlier = before!.get(end - offset)!.get(key)!;
      // Of a group that ended there is no window: a sum of nothing is 0, and a rate of nothing says nothing.
      const window =
        now!.get(end)?.get(key) ?? (earlier.calls === null ? undefined : { ...earlier, value: 0, calls: 0 });
      if (window === undefined || window.value === null || !earlier.value) return undefined;
      // Of calls too: a service that has just begun is no multiple of what it was.
      const begun = earlier.calls === null || earlier.calls >= rule.minimum_calls;
      const enough = begun && (condition.below !== undefined || hasEnough(rule, window));
      if (!enough || (window.calls === 0 && rule.signal.includes("rate"))) return undefined;
      const value = speedOf(rule, window.value);
      return { ...heldAgainst(condition, window.value / earlier.value), value, expected: speedOf(rule, earlier.value) };
    },
  );
}
