import fc from "fast-check";
import { expect, test } from "vitest";
import { buildSpanTree, type TreeSpan } from "../src/span-tree.ts";

/** Spans as `id<parent@start`; a root without parent, the start without a clock as the position. */
function spans(...texts: readonly string[]): TreeSpan[] {
  return texts.map((text, i) => {
    const [spanId = "", rest = ""] = text.split("<");
    const [parentSpanId = "", start = String(i)] = rest.split("@");
    return { spanId, parentSpanId, startNs: Number(start) * 1000 };
  });
}

function outline(tree: ReturnType<typeof buildSpanTree>): string[] {
  return tree.spans.map(
    ({ spanId, depth, orphan, cycle }) =>
      `${" ".repeat(depth)}${spanId}${orphan ? " orphan" : ""}${cycle ? " cycle" : ""}`,
  );
}

test("one root: depth first, siblings in the order given", () => {
  const tree = buildSpanTree(spans("a", "b<a", "c<b", "d<a", "e<b"));
  expect(tree.syntheticRoot).toBe(false);
  expect(outline(tree)).toEqual(["a", " b", "  c", "  e", " d"]);
  expect(tree.spans.map(({ children, descendants }) => [children, descendants])).toEqual([
    [2, 4],
    [2, 2],
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
});

test("several roots and orphans stand under a synthetic one", () => {
  const tree = buildSpanTree(spans("a", "b", "c<gone", "d<c"));
  expect(tree.syntheticRoot).toBe(true);
  expect(outline(tree)).toEqual([" a", " b", " c orphan", "  d"]);
  expect(buildSpanTree(spans("c<gone")).syntheticRoot).toBe(true);
});

test("a cycle is cut at its earliest span, and what hangs on it stays on it", () => {
  const tree = buildSpanTree(spans("x<z", "r", "y<x", "z<y", "w<z", "self<self"));
  expect(outline(tree)).toEqual([" x cycle", "  y cycle", "   z cycle", "    w", " r", " self cycle"]);
});

test("a clock that is behind is shown in µs", () => {
  const tree = buildSpanTree(spans("b<a@10", "a<@12", "c<a@13").toSorted((x, y) => x.startNs - y.startNs));
  expect(
    Object.fromEntries(tree.spans.map(({ spanId, startsBeforeParentUs }) => [spanId, startsBeforeParentUs])),
  ).toEqual({ a: 0, b: 2, c: 0 });
});

test("no spans make no tree", () => {
  expect(buildSpanTree([])).toEqual({ syntheticRoot: false, spans: [] });
});

test("a chain of 100,000 needs no stack", () => {
  const chain = Array.from({ length: 100_000 }, (_, i) => `${i}<${i === 0 ? "" : i - 1}`);
  const tree = buildSpanTree(spans(...chain));
  expect(tree.spans.at(-1)).toMatchObject({ spanId: "99999", depth: 99_999 });
  expect(tree.spans[0]?.descendants).toBe(99_999);
});

test("in any shape each span is there once, after its parent, and counts agree", () => {
  const shapes = fc.array(fc.integer({ min: -2, max: 30 }), { maxLength: 30 });
  fc.assert(
    fc.property(shapes, (parents) => {
      const given = parents.map((parent, i) => ({
        spanId: `s${i}`,
        parentSpanId: parent === -2 ? "" : `s${parent}`,
        startNs: i,
      }));
      const tree = buildSpanTree(given);
      expect(tree.spans.map(({ spanId }) => spanId).toSorted()).toEqual(given.map(({ spanId }) => spanId).toSorted());
      const base = tree.syntheticRoot ? 1 : 0;
      const path: string[] = [];
      const parentOf = new Map(given.map(({ spanId, parentSpanId }) => [spanId, parentSpanId]));
      for (const [at, { spanId, depth, descendants }] of tree.spans.entries()) {
        expect(depth - base).toBeLessThanOrEqual(path.length);
        path.length = depth - base;
        if (path.length > 0) expect(parentOf.get(spanId)).toBe(path.at(-1));
        path.push(spanId);
        const below = tree.spans.slice(at + 1);
        const end = below.findIndex((other) => other.depth <= depth);
        expect(descendants).toBe(end === -1 ? below.length : end);
      }
      if (!tree.syntheticRoot && given.length > 0)
        expect(tree.spans.filter(({ depth }) => depth === 0)).toHaveLength(1);
    }),
  );
});
