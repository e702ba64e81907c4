import { type AlertRule, secondsOf } from "@spanhouse/schemas/api/alerts";
import type { MetricWindow } from "@spanhouse/store/readers/metric-windows";
import { keyOf, type Verdict, type Verdicts } from "./verdict.ts";

/** Ends of windows to be judged: Unix s, `step` apart, first and last included. */
export interface Ends {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** Windows of the rule's signal, groups and filters, of its own length or another. */
export type ReadWindows = (ends: Ends, window?: number) => Promise<readonly MetricWindow[]>;

/** By end, then by group. */
export type WindowsByEnd = ReadonlyMap<number, ReadonlyMap<string, MetricWindow>>;

export function byEnd(windows: readonly MetricWindow[]): WindowsByEnd {
  const ends = new Map<number, Map<string, MetricWindow>>();
  for (const window of windows) {
    const groups = ends.get(window.end);
    if (groups) groups.set(keyOf(window.key), window);
    else ends.set(window.end, new Map([[keyOf(window.key), window]]));
  }
  return ends;
}

export function* endsOf({ first, last, step }: Ends): Generator<number> {
  for (let end = first; end <= last; end += step) yield end;
}

/** Every end's verdicts, of the groups of which `judge` says anything. */
export function verdictsOf(
  ends: Ends,
  groupsAt: (end: number) => Iterable<string>,
  judge: (key: string, end: number) => Verdict | undefined,
): readonly Verdicts[] {
  return [...endsOf(ends)].map((end) => {
    const groups = new Map<string, Verdict>();
    for (const key of groupsAt(end)) {
      const verdict = judge(key, end);
      if (verdict) groups.set(key, verdict);
    }
    return { end, groups };
  });
}

/** Fewer calls than the rule asks for say nothing. That there are few of them is what a rule of calls is for. */
export function hasEnough({ signal, minimum_calls }: AlertRule, { calls }: MetricWindow): boolean {
  return signal === "calls" || calls === null || calls >= minimum_calls;
}

const perSeconds = { minute: 60, hour: 3600, day: 86_400 } as const;

/** A sum as the speed that the rule asks for; anything else as it is. */
export function speedOf({ per, window }: AlertRule, value: number): number {
  return per === undefined ? value : (value * perSeconds[per]) / secondsOf(window);
}
