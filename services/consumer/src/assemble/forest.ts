/** Parent links between rows as indexes, so that a trace of any depth and shape is walked by loops over typed arrays. */

/** A span without parent, and one whose parent is not among the rows. */
export const noParent = -1;
export const missingParent = -2;

interface Link {
  readonly spanId: string;
  readonly parentSpanId: string;
}

/** Of each row the index of its parent. A span that names itself is a cycle of one. Span ids are unique among the rows. */
export function parentsOf(rows: readonly Link[]): Int32Array {
  const indexes = new Map<string, number>();
  for (let i = 0; i < rows.length; i++) indexes.set(rows[i]!.spanId, i);
  const parents = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const { parentSpanId } = rows[i]!;
    parents[i] = parentSpanId === "" ? noParent : (indexes.get(parentSpanId) ?? missingParent);
  }
  return parents;
}

/** The nodes of each parent cycle. Every node has one parent at most, so cycles never touch. */
export function cyclesOf(parents: Int32Array): number[][] {
  const cycles: number[][] = [];
  const walkOf = new Int32Array(parents.length);
  for (let start = 0; start < parents.length; start++) {
    let node = start;
    while (node >= 0 && walkOf[node] === 0) {
      walkOf[node] = start + 1;
      node = parents[node]!;
    }
    if (node < 0 || walkOf[node] !== start + 1) continue;
    const cycle: number[] = [];
    const first = node;
    do {
      cycle.push(node);
      node = parents[node]!;
    } while (node !== first);
    cycles.push(cycle);
  }
  return cycles;
}

/** Children of each node as linked lists: `first[parent]`, then `next[child]`, until -1. */
export interface Children {
  readonly first: Int32Array;
  readonly next: Int32Array;
}

export function childrenOf(parents: Int32Array): Children {
  const first = new Int32Array(parents.length).fill(-1);
  const next = new Int32Array(parents.length).fill(-1);
  for (let node = parents.length - 1; node >= 0; node--) {
    const parent = parents[node]!;
    if (parent < 0) continue;
    next[node] = first[parent]!;
    first[parent] = node;
  }
  return { first, next };
}
