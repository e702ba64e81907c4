import fc from "fast-check";
import { expect, test } from "vitest";
import { type AlignableSpan, alignTrees } from "../src/aligned-trees.ts";

/** Labels depth first, each with the row of its parent. */
const tree = (...spans: readonly (readonly [number, string])[]): AlignableSpan[] =>
  spans.map(([parent, label]) => ({ parent, label }));

test("children are matched in order by what they share; the rest stands alone with all below it", () => {
  const left = tree([-1, "root"], [0, "a"], [1, "x"], [0, "b"], [0, "c"]);
  const right = tree([-1, "root"], [0, "b"], [0, "new"], [2, "below"], [0, "c"]);
  expect(alignTrees(left, right).map((row) => [row.depth, row.left, row.right])).toEqual([
    ...[
      [0, 0, 0],
      [1, 1, -1],
      [2, 2, -1],
      [1, 3, 1],
      [1, -1, 2],
      [2, -1, 3],
      [1, 4, 4],
    ],
  ]);
});

const anyTree = fc
  .array(fc.tuple(fc.nat(), fc.constantFrom("a", "b", "c")), { maxLength: 40 })
  .map((draws) => draws.map(([draw, label], i) => ({ parent: i === 0 ? -1 : (draw % (i + 1)) - 1, label })));

test("every span of both has one row, pairs share their labels, and a tree is its own double", () => {
  fc.assert(
    fc.property(anyTree, anyTree, (left, right) => {
      const rows = alignTrees(left, right);
      const sideOf = (side: "left" | "right") => rows.map((row) => row[side]).filter((at) => at !== -1);
      expect(sideOf("left").toSorted((a, b) => a - b)).toEqual(left.map((_, i) => i));
      expect(sideOf("right").toSorted((a, b) => a - b)).toEqual(right.map((_, i) => i));
      for (const row of rows)
        if (row.left !== -1 && row.right !== -1) expect(left[row.left]!.label).toBe(right[row.right]!.label);
      for (const row of alignTrees(left, left)) expect(row.left).toBe(row.right);
    }),
  );
});
