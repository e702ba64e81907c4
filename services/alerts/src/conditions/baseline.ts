import type { MetricWindow } from "@spanhouse/store/readers/metric-windows";
import type { Expected, Scale } from "./scale.ts";
import { keyOf } from "./verdict.ts";
import { byEnd, type ReadWindows } from "./windows.ts";

/** What the hour of the week has, of each group of a rule. */
export interface Baseline {
  readonly groups: readonly string[];
  /** Of a window that ends then (Unix s); undefined: too little is known. */
  expected(key: string, end: number): Expected | undefined;
  /** How much more windows of a group scatter than chance alone; undefined: too few were seen. */
  dispersion(key: string): number | undefined;
}

const hour = 3600;
const day = 24 * hour;
const week = 7 * day;
const weeks = 4;
/** Medians of fewer say little: then other days stand in for the weeks that are missing. */
const fewest = 2;
const fewestSteps = 20;
const fewestHours = 100;
/** A week: what grows faster is not to be expected. */
const mostGrowth = 0.1;
/** The median of the square of a normal number. */
const medianSquare = 0.4549;

/** Learnt from what ended before `at` (Unix s), for windows of `window` s. Medians, so that one bad week or hour is none. */
export async function readBaseline(
  read: ReadWindows,
  {
    at,
    window,
    summed,
    scale,
  }: { readonly at: number; readonly window: number; readonly summed: boolean; readonly scale: Scale },
): Promise<Baseline> {
  const last = Math.floor(at / hour) * hour;
  const hours = byEnd(await read({ first: last - weeks * week - 2 * hour, last, step: hour }, hour));
  const windows = await read({ first: at - day, last: at - (day % window) - window, step: window });
  const begun = new Map<string, number>();
  for (const [end, groups] of hours) {
    for (const key of groups.keys()) begun.set(key, Math.min(begun.get(key) ?? end, end));
  }

  /** A sum of an hour in which the group had nothing is 0, once there was something. */
  const hourOf = (key: string, end: number): Expected | undefined => {
    const found = hours.get(end)?.get(key);
    if (found?.value != null) return { value: found.value, calls: found.calls ?? 0 };
    return summed && end <= last && end >= (begun.get(key) ?? Number.POSITIVE_INFINITY)
      ? { value: 0, calls: 0 }
      : undefined;
  };
  const growths = new Map<string, number>();
  /** What a week has by the one before, of a sum; every hour says it, so that what one week broke does not. */
  const growthOf = (key: string): number => {
    const known = growths.get(key);
    if (known !== undefined) return known;
    const ratios: number[] = [];
    for (let end = last; summed && end > last - (weeks - 1) * week; end -= hour) {
      const [now, before] = [hourOf(key, end)?.value, hourOf(key, end - week)?.value];
      if (now && before) ratios.push(now / before);
    }
    const growth = ratios.length < fewestHours ? 1 : Math.min(1 + mostGrowth, Math.max(1 - mostGrowth, median(ratios)));
    growths.set(key, growth);
    return growth;
  };
  const learnt = new Map<string, Expected | undefined>();
  /** Of the hour that ends then, by the weeks before; where there are too few of them by the days before. */
  const usual = (key: string, end: number): Expected | undefined => {
    const of = `${end} ${key}`;
    if (learnt.has(of)) return learnt.get(of);
    const from = (step: number, count: number, growth: number) =>
      Array.from({ length: count }, (_, i) => {
        const found = hourOf(key, end - (i + 1) * step);
        const grown = growth ** (i + 1);
        return found && { value: found.value * grown, calls: found.calls * grown };
      }).filter((one) => one !== undefined);
    const byWeek = from(week, weeks, growthOf(key));
    const samples = byWeek.length >= fewest ? byWeek : from(day, 7, 1);
    const made =
      samples.length < fewest
        ? undefined
        : { value: median(samples.map(({ value }) => value)), calls: median(samples.map(({ calls }) => calls)) };
    learnt.set(of, made);
    return made;
  };
  const expected = (key: string, end: number): Expected | undefined => {
    // Between the middles of two hours, so that it has no steps.
    const middle = end - window / 2;
    const before = Math.floor((middle - hour / 2) / hour) * hour + hour;
    const [a, b] = [usual(key, before), usual(key, before + hour)];
    if (a === undefined || b === undefined) return undefined;
    const share = (middle - (before - hour / 2)) / hour;
    const between = (x: number, y: number) => x + (y - x) * share;
    const calls = (between(a.calls, b.calls) * window) / hour;
    return { value: summed ? (between(a.value, b.value) * window) / hour : between(a.value, b.value), calls };
  };

  const dispersions = dispersionsOf(windows, expected, scale);
  return { groups: [...begun.keys()], expected, dispersion: (key) => dispersions.get(key) };
}

/**
 * From one window to the next, and not against what is expected: what has been off for hours, or grows by the day, is what
 * an anomaly is made of, and must not pass for scatter.
 */
function dispersionsOf(
  windows: readonly MetricWindow[],
  expected: Baseline["expected"],
  scale: Scale,
): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  const squares = new Map<string, number[]>();
  for (const { key, end, value, calls } of windows) {
    const of = keyOf(key);
    const usual = value === null ? undefined : expected(of, end);
    if (usual === undefined || usual.value <= 0) continue;
    const chance = scale.variance(usual, calls ?? 0, 1) - scale.variance(usual, calls ?? 0, 0);
    const deviation = scale.distance(value!, usual) / Math.sqrt(chance);
    const before = last.get(of);
    last.set(of, deviation);
    if (before === undefined) continue;
    const known = squares.get(of);
    // The difference of two has twice the variance of each.
    const square = (deviation - before) ** 2 / 2;
    if (known) known.push(square);
    else squares.set(of, [square]);
  }
  return new Map(
    [...squares].flatMap(([key, seen]) =>
      seen.length < fewestSteps ? [] : [[key, median(seen) / medianSquare] as const],
    ),
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
