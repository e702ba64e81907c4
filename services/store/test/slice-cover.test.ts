import fc from "fast-check";
import { expect, test } from "vitest";
import { type SliceGrain, sliceCover } from "../src/slices/slice-cover.ts";

const start = Date.UTC(2026, 10, 18) / 1000;
const seconds = { minute: 60, hour: 3600, day: 86400 } as const;
const minute = fc.integer({ min: 0, max: 4 * 1440 }).map((n) => start + n * 60);
const startsOf = (grain: "hour" | "day", most: number) =>
  fc
    .uniqueArray(fc.integer({ min: 0, max: most - 1 }))
    .map((nth) => new Set(nth.map((n) => start + n * seconds[grain])));

test("a cover is its stretch, each minute once, from what is folded and lies whole within it", () => {
  fc.assert(
    fc.property(
      fc.tuple(minute, minute),
      fc.constantFrom<SliceGrain[]>("minute", "hour", "day"),
      startsOf("day", 4),
      startsOf("hour", 96),
      startsOf("hour", 96),
      ([one, other], grain, days, hours, cut) => {
        const stretch = { from: Math.min(one, other), to: Math.max(one, other) };
        const cover = sliceCover(stretch, grain, { days, hours }, cut);
        const pieces = (by: SliceGrain) =>
          cover[by].flatMap(({ from, to }) => {
            expect(from).toBeLessThan(to);
            return Array.from({ length: (to - from) / seconds[by] }, (_, i) => from + i * seconds[by]);
          });
        const minutes = (["minute", "hour", "day"] as const).flatMap((by) =>
          pieces(by).flatMap((at) => Array.from({ length: seconds[by] / 60 }, (_, i) => at + i * 60)),
        );
        expect(minutes.toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: (stretch.to - stretch.from) / 60 }, (_, i) => stretch.from + i * 60),
        );
        for (const day of pieces("day")) expect(grain === "day" && days.has(day)).toBe(true);
        for (const hour of pieces("hour")) expect(grain !== "minute" && hours.has(hour) && !cut.has(hour)).toBe(true);
      },
    ),
  );
});

test("what is folded and wanted is read as such", () => {
  const folded = { days: new Set([start]), hours: new Set([start, start + 86400, start + 86400 + 3600]) };
  const stretch = { from: start, to: start + 86400 + 2 * 3600 + 60 };
  expect(sliceCover(stretch, "day", folded)).toEqual({
    day: [{ from: start, to: start + 86400 }],
    hour: [{ from: start + 86400, to: start + 86400 + 7200 }],
    minute: [{ from: start + 86400 + 7200, to: stretch.to }],
  });
});
