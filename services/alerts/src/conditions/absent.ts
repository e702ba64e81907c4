import type { Verdicts } from "./verdict.ts";
import { byEnd, type Ends, type ReadWindows, verdictsOf } from "./windows.ts";

const day = 86_400;

/** No calls in the window, of a group that had some in the day before it. */
export async function judgeAbsent(read: ReadWindows, ends: Ends, window: number): Promise<readonly Verdicts[]> {
  const now = byEnd(await read(ends));
  // Who was there is asked once for each hour of a range: a day ago is no sharp line.
  const known = new Map<number, ReadonlySet<string>>();
  for (let end = ends.first; ; end = Math.min(end + 3600, ends.last)) {
    const earlier = end - window;
    const seen = byEnd(await read({ first: earlier, last: earlier, step: 60 }, day)).get(earlier);
    known.set(end, new Set([...(seen ?? [])].flatMap(([key, { calls }]) => (calls ? [key] : []))));
    if (end === ends.last) break;
  }
  const knownAt = (end: number) =>
    known.get(end) ?? known.get(ends.first + Math.floor((end - ends.first) / 3600) * 3600) ?? new Set<string>();
  return verdictsOf(ends, knownAt, (key, end) => {
    const calls = now.get(end)?.get(key)?.calls ?? 0;
    return { breached: calls === 0, over: calls > 0, value: calls, expected: null };
  });
}
