import type { AlertCondition, AlertRule } from "@spanhouse/schemas/api/alerts";
import { heldAgainst, type Verdicts } from "./verdict.ts";
import { byEnd, type Ends, hasEnough, type ReadWindows, speedOf, verdictsOf } from "./windows.ts";

type StaticCondition = Extract<AlertCondition, { readonly kind: "static" }>;

/** A value above or below a bound. */
export async function judgeStatic(
  rule: AlertRule,
  condition: StaticCondition,
  read: ReadWindows,
  ends: Ends,
): Promise<readonly Verdicts[]> {
  const windows = byEnd(await read(ends));
  return verdictsOf(
    ends,
    (end) => windows.get(end)?.keys() ?? [],
    (key, end) => {
      const window = windows.get(end)!.get(key)!;
      if (window.value === null || !hasEnough(rule, window)) return undefined;
      const value = speedOf(rule, window.value);
      return { ...heldAgainst(condition, value), value, expected: condition.above ?? condition.below ?? null };
    },
  );
}
