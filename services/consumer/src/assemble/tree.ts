import { byStart, type TraceRow } from "@spanhouse/store/trace-row";
import { isVoid } from "@spanhouse/store/version";
import { childrenOf, cyclesOf, missingParent, parentsOf } from "./forest.ts";

export interface TreeNode {
  readonly row: TraceRow;
  /** 0 directly under the synthetic root. */
  readonly depth: number;
  /** Its parent is named but not among the rows (yet). */
  readonly orphan: boolean;
  /** Its parents lead back to itself; the earliest of such a cycle hangs under the synthetic root. */
  readonly cycle: boolean;
  readonly children: readonly TreeNode[];
}

/** The synthetic root: every trace has it, whatever came or did not come. */
export interface Tree {
  readonly roots: readonly TreeNode[];
  readonly orphans: number;
  readonly hasCycle: boolean;
}

/**
 * The tree of a trace's rows that are not void; siblings by start, then span id. Every row is in it once, however wrong
 * the parents. No recursion: a reader that walks it must not recurse either, for it can be as deep as the trace is long.
 */
export function buildTree(rows: readonly TraceRow[]): Tree {
  const kept = rows.filter((row) => !isVoid(row.version)).sort(byStart);
  const parents = parentsOf(kept);
  const orphan = parents.map((parent) => Number(parent === missingParent));
  const inCycle = new Uint8Array(kept.length);
  const cycles = cyclesOf(parents);
  for (const cycle of cycles) {
    for (const node of cycle) inCycle[node] = 1;
    // Rows are in order of start: the least index is the earliest.
    parents[cycle.reduce((least, node) => Math.min(least, node))] = missingParent;
  }

  const { first, next } = childrenOf(parents);
  const roots: TreeNode[] = [];
  const waiting: { readonly index: number; readonly depth: number; readonly into: TreeNode[] }[] = [];
  for (let index = kept.length - 1; index >= 0; index--) {
    if (parents[index]! < 0) waiting.push({ index, depth: 0, into: roots });
  }
  for (let entry = waiting.pop(); entry; entry = waiting.pop()) {
    const { index, depth, into } = entry;
    const children: TreeNode[] = [];
    into.push({ row: kept[index]!, depth, orphan: orphan[index] === 1, cycle: inCycle[index] === 1, children });
    const siblings: number[] = [];
    for (let child = first[index]!; child >= 0; child = next[child]!) siblings.push(child);
    for (const child of siblings.reverse()) waiting.push({ index: child, depth: depth + 1, into: children });
  }
  return { roots, orphans: orphan.reduce((sum, one) => sum + one, 0), hasCycle: cycles.length > 0 };
}
