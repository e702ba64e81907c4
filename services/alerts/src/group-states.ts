import { type AlertRule, secondsOf } from "@spanhouse/schemas/api/alerts";
import type { GroupState } from "@spanhouse/store/alerts/alert-progress";
import { keyFrom, keyOf, type Verdict, type Verdicts } from "./conditions/verdict.ts";

/** What has come of a group at the end of a window. */
export interface Transition {
  readonly event: "firing" | "resolved";
  readonly key: string;
  /** Unix s. */
  readonly end: number;
  /** Since when it was breached, Unix s; of one that is resolved: since when it is over. */
  readonly since: number;
  /** Of the window; undefined: the group has none any more. */
  readonly verdict: Verdict | undefined;
}

export interface Advanced {
  readonly states: readonly GroupState[];
  readonly transitions: readonly Transition[];
}

/**
 * Takes groups through the windows, in order: `for` before one fires, `keep` before it is over. `firing` are the groups
 * that are known to fire, and since when (Unix s): of windows before that nothing is said again. Which ones fire
 * afterwards follows from the transitions.
 */
export function advance(
  rule: AlertRule,
  before: { readonly states: readonly GroupState[]; readonly firing: ReadonlyMap<string, number> },
  verdicts: readonly Verdicts[],
): Advanced {
  const [waiting, keeping] = [secondsOf(rule.for), secondsOf(rule.keep)];
  const states = new Map(before.states.map((state) => [keyOf(state.key), state]));
  const firing = new Map(before.firing);
  const transitions: Transition[] = [];

  for (const { end, groups } of verdicts) {
    for (const key of new Set([...groups.keys(), ...states.keys(), ...firing.keys()])) {
      const verdict = groups.get(key);
      const state = states.get(key);
      if (end < (firing.get(key) ?? end)) continue;
      if (!firing.has(key)) {
        if (!verdict?.breached) {
          states.delete(key);
          continue;
        }
        const since = state?.breached ?? end;
        if (end - since >= waiting) {
          firing.set(key, end);
          states.delete(key);
          transitions.push({ event: "firing", key, end, since, verdict });
        } else states.set(key, { key: keyFrom(key), breached: since });
        continue;
      }
      // Of a group without a window nothing is breached any more. Between the bounds it goes on.
      const over = verdict === undefined || verdict.over;
      if (!over) {
        states.delete(key);
        continue;
      }
      const since = state?.over ?? end;
      if (end - since >= keeping) {
        firing.delete(key);
        states.delete(key);
        transitions.push({ event: "resolved", key, end, since, verdict });
      } else states.set(key, { key: keyFrom(key), over: since });
    }
  }
  return { states: [...states.values()], transitions };
}
