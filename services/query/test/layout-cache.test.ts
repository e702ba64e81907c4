import { expect, test } from "vitest";
import { createLayoutCache } from "../src/layout-cache.ts";
import type { TraceTree } from "../src/trace-tree.ts";

const tree = (spans: number) => ({ spans: Array.from({ length: spans }) }) as unknown as TraceTree;

test("a tree is of one state of its trace, and the least recently used goes when there is no room", () => {
  const cache = createLayoutCache({ maxBytes: 400 * 25 });
  const [a, b, c] = [tree(10), tree(10), tree(10)];
  cache.put("p/a", "1", a);
  expect(cache.get("p/a", "1")).toBe(a);
  expect(cache.get("p/a", "2")).toBeUndefined();
  expect(cache.get("q/a", "1")).toBeUndefined();
  cache.put("p/b", "1", b);
  cache.get("p/a", "1");
  cache.put("p/c", "1", c);
  expect(["p/a", "p/b", "p/c"].map((trace) => cache.knows(trace))).toEqual([true, false, true]);
  cache.put("p/a", "2", a);
  expect(cache.get("p/a", "2")).toBe(a);
  expect(cache.get("p/c", "1")).toBe(c);
  cache.put("p/huge", "1", tree(26));
  expect(cache.knows("p/huge")).toBe(false);
});
