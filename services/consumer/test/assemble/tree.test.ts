import { isVoid } from "@spanhouse/store/version";
import fc from "fast-check";
import { expect, test } from "vitest";
import { markTrace } from "../../src/assemble/marks.ts";
import { buildTree, type Tree, type TreeNode } from "../../src/assemble/tree.ts";
import { id, rowOf, traces } from "./rows.ts";

function walk(tree: Tree): TreeNode[] {
  const nodes: TreeNode[] = [];
  const waiting = [...tree.roots].reverse();
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    nodes.push(node);
    for (const child of node.children.toReversed()) waiting.push(child);
  }
  return nodes;
}
const outline = (tree: Tree) =>
  walk(tree).map(
    ({ row, depth, orphan, cycle }) => `${"-".repeat(depth)}${row.spanId}${orphan ? "?" : ""}${cycle ? "@" : ""}`,
  );

test("siblings by start, then span id; orphans and cycles under the synthetic root", () => {
  const rows = [
    rowOf({ spanId: "c", parentSpanId: "a", startTime: 3n }),
    rowOf({ spanId: "b", parentSpanId: "a", startTime: 3n }),
    rowOf({ spanId: "d", parentSpanId: "a", startTime: 2n }),
    rowOf({ spanId: "a", startTime: 1n }),
    rowOf({ spanId: "o", parentSpanId: "gone", startTime: 0n }),
    rowOf({ spanId: "x", parentSpanId: "y", startTime: 9n }),
    rowOf({ spanId: "y", parentSpanId: "x", startTime: 8n }),
    rowOf({ spanId: "z", parentSpanId: "z", startTime: 7n }),
    rowOf({ spanId: "w", parentSpanId: "x", startTime: 9n }),
  ];
  const tree = buildTree(rows);
  expect(outline(tree)).toEqual(["o?", "a", "-d", "-b", "-c", "z@", "y@", "-x@", "--w"]);
  expect(tree.orphans).toBe(1);
  expect(tree.hasCycle).toBe(true);
});

test("every row that counts is in the tree once, in one order", () => {
  fc.assert(
    fc.property(traces, (rows) => {
      const marked = markTrace(rows).rows;
      const tree = buildTree(marked);
      const known = marked.filter((row) => !isVoid(row.version)).map((row) => row.spanId);
      expect(
        walk(tree)
          .map((node) => node.row.spanId)
          .sort(),
      ).toEqual(known.sort());
      expect(outline(buildTree(marked.toReversed()))).toEqual(outline(tree));
      for (const node of walk(tree))
        for (const child of node.children) {
          expect(child.row.parentSpanId).toBe(node.row.spanId);
          expect(child.depth).toBe(node.depth + 1);
        }
    }),
  );
});

test("100,000 deep", () => {
  const rows = Array.from({ length: 100_000 }, (_, n) => rowOf({ spanId: id(n), parentSpanId: n ? id(n - 1) : "" }));
  expect(walk(buildTree(rows)).at(-1)?.depth).toBe(99_999);
});
