/** Spans in a tree's order, depth first, as arrays; times in µs on one scale. */
export interface TimedTree {
  /** Where the parent stands; -1 at the top. A parent stands before its children. */
  readonly parent: Int32Array;
  readonly start: Float64Array;
  /** Never before the start. */
  readonly end: Float64Array;
}

/** Of each span's duration, when no child of it ran. Siblings must come by start. */
export function selfTimes({ parent, start, end }: TimedTree): Float64Array {
  const self = Float64Array.from(end, (to, i) => to - start[i]!);
  /** Up to where each span is covered by the children that have come. */
  const covered = Float64Array.from(start);
  for (let i = 0; i < parent.length; i++) {
    const above = parent[i]!;
    if (above < 0) continue;
    const from = Math.max(start[i]!, covered[above]!);
    const to = Math.min(end[i]!, end[above]!);
    if (to <= from) continue;
    self[above]! -= to - from;
    covered[above] = to;
  }
  return self;
}

/**
 * Of each span, the time that the end of the trace waited for it: from the end backwards, the child that ended last is
 * what its parent waited for, then what ended last before that one began. Over all spans it sums to the trace's length
 * (without what lies between roots).
 */
export function criticalTimes(tree: TimedTree): Float64Array {
  const { parent, start, end } = tree;
  const critical = new Float64Array(parent.length);
  const children = byLatestEnd(tree);
  /** Windows yet to be walked: a span, and from when to when it is on the path. */
  const pending: { readonly at: number; readonly from: number; readonly to: number }[] = [];

  /** What ended last takes the window from its start on; what is left before goes to the one that ended last before. */
  function walk(among: Int32Array, from: number, to: number): number {
    let cursor = to;
    let alone = 0;
    for (const child of among) {
      if (cursor <= from) break;
      const begin = Math.max(start[child]!, from);
      if (begin >= cursor) continue;
      const until = Math.min(end[child]!, cursor);
      if (until <= begin) continue;
      alone += cursor - until;
      pending.push({ at: child, from: begin, to: until });
      cursor = begin;
    }
    return alone + Math.max(0, cursor - from);
  }

  const first = start.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  const last = end.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY);
  if (parent.length > 0) walk(children(-1), first, last);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    critical[next.at]! += walk(children(next.at), next.from, next.to);
  }
  return critical;
}

/** The children of a span (of -1: the tops), those that ended last first. */
function byLatestEnd({ parent, end }: TimedTree): (at: number) => Int32Array {
  const order = Int32Array.from(parent, (_, i) => i).sort((a, b) => parent[a]! - parent[b]! || end[b]! - end[a]!);
  const from = new Int32Array(parent.length + 2).fill(order.length);
  for (let i = order.length - 1; i >= 0; i--) from[parent[order[i]!]! + 1] = i;
  return (at) => {
    const begin = from[at + 1]!;
    let until = begin;
    while (until < order.length && parent[order[until]!] === at) until++;
    return order.subarray(begin, until);
  };
}

/** What each span and all below it sum to. */
export function subtreeSums(parent: Int32Array, own: readonly bigint[]): bigint[] {
  const sums = [...own];
  for (let i = parent.length - 1; i >= 0; i--) {
    const above = parent[i]!;
    if (above >= 0) sums[above]! += sums[i]!;
  }
  return sums;
}
