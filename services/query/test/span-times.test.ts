import fc from "fast-check";
import { expect, test } from "vitest";
import { criticalTimes, selfTimes, subtreeSums, type TimedTree } from "../src/span-times.ts";

/** Spans as [parent, start, end], depth first. */
function timed(...spans: readonly (readonly [number, number, number])[]): TimedTree {
  return {
    parent: Int32Array.from(spans, ([parent]) => parent),
    start: Float64Array.from(spans, ([, start]) => start),
    end: Float64Array.from(spans, ([, , end]) => end),
  };
}

test("a span's own time is what its children leave", () => {
  // Two children that overlap, one that outlives its parent, a grandchild that takes nothing of the root.
  const tree = timed([-1, 0, 100], [0, 10, 40], [1, 20, 30], [0, 30, 60], [0, 90, 150]);
  expect([...selfTimes(tree)]).toEqual([100 - 30 - 20 - 10, 20, 10, 30, 60]);
});

test("the end waits for what ended last, and that for what ended before it began", () => {
  const parallel = timed([-1, 0, 100], [0, 10, 40], [0, 10, 90], [2, 20, 80]);
  expect([...criticalTimes(parallel)]).toEqual([20, 0, 20, 60]);
  const serial = timed([-1, 0, 100], [0, 0, 30], [0, 30, 50], [0, 60, 100]);
  expect([...criticalTimes(serial)]).toEqual([10, 30, 20, 40]);
});

/** A root from 0 to 1000; every other span within its parent, so that all of the time has an owner. */
const within = fc.array(fc.tuple(fc.nat(), fc.nat(1000), fc.nat(1000)), { maxLength: 60 }).map((draws) => {
  const children: number[][] = [[]];
  const spans: [number, number, number][] = [[-1, 0, 1000]];
  for (const [draw, a, b] of draws) {
    const parent = draw % spans.length;
    const [, from, to] = spans[parent]!;
    const at = (share: number) => from + Math.floor(((to - from) * share) / 1000);
    children[parent]!.push(spans.length);
    children.push([]);
    spans.push([parent, at(Math.min(a, b)), at(Math.max(a, b))]);
  }
  const ordered: [number, number, number][] = [];
  const place = (at: number, parent: number): void => {
    const own = ordered.push([parent, spans[at]![1], spans[at]![2]]) - 1;
    for (const child of children[at]!.toSorted((a, b) => spans[a]![1] - spans[b]![1])) place(child, own);
  };
  place(0, -1);
  return ordered;
});

test("the path to the end is as long as the trace, and no span is longer on it than it ran", () => {
  fc.assert(
    fc.property(within, (spans) => {
      const critical = criticalTimes(timed(...spans));
      expect(critical.reduce((sum, time) => sum + time, 0)).toBe(1000);
      for (const [i, [, start, end]] of spans.entries()) expect(critical[i]).toBeLessThanOrEqual(end - start);
    }),
  );
});

test("own times are those of a brute count of µs", () => {
  fc.assert(
    fc.property(within, (spans) => {
      const self = selfTimes(timed(...spans));
      for (const [i, [, start, end]] of spans.entries()) {
        const below = spans.filter(([parent]) => parent === i);
        let alone = 0;
        for (let at = start; at < end; at++) if (!below.some(([, from, to]) => from <= at && at < to)) alone++;
        expect(self[i]).toBe(alone);
      }
    }),
    { numRuns: 30 },
  );
});

test("sums of subtrees", () => {
  expect(subtreeSums(Int32Array.from([-1, 0, 1, 0]), [1n, 2n, 3n, 4n])).toEqual([10n, 5n, 3n, 4n]);
});

test("a chain and a fan of 100,000 need no stack and no time", () => {
  const size = 100_000;
  const chain = Array.from({ length: size }, (_, i) => [i - 1, i, 2 * size - i] as const);
  const fan = Array.from({ length: size }, (_, i) => [i === 0 ? -1 : 0, i, i === 0 ? size + 1 : i + 1] as const);
  for (const spans of [chain, fan]) {
    const critical = criticalTimes(timed(...spans));
    const [, start, end] = spans[0]!;
    expect(critical.reduce((sum, time) => sum + time, 0)).toBe(end - start);
  }
});
