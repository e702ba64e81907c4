/** What a tree is built from; `parentSpanId` is empty for a root. */
export interface TreeSpan {
  readonly spanId: string;
  readonly parentSpanId: string;
  /** ns, all on one scale. */
  readonly startNs: number;
}

export interface PlacedSpan {
  readonly spanId: string;
  /** Where it stands in the input. */
  readonly at: number;
  /** Where its parent stands in the tree's order; -1 at the top. */
  readonly parent: number;
  readonly depth: number;
  readonly children: number;
  readonly descendants: number;
  /** Its parent is not among the spans. */
  readonly orphan: boolean;
  /** It is its own ancestor. */
  readonly cycle: boolean;
  /** By how much it starts before its parent, µs: a clock that is behind. */
  readonly startsBeforeParentUs: number;
}

export interface SpanTree {
  /** There is not exactly one root: those of depth 1 stand under one that nobody sent. */
  readonly syntheticRoot: boolean;
  /** Depth first, siblings in the order of the input. */
  readonly spans: readonly PlacedSpan[];
}

const root = -1;
const orphan = -2;
const cut = -3;

/**
 * Any number of spans of any depth, in any shape: orphans stand under a synthetic root, and so does the earliest span of
 * each cycle, at which it is cut. `spans` have distinct ids and come in the order that siblings shall have.
 */
export function buildSpanTree(spans: readonly TreeSpan[]): SpanTree {
  const parents = parentIndexes(spans);
  const inCycle = cutCycles(parents);
  const { first, next, tops, children } = childLists(parents);
  const onlyTop = tops.length === 1 ? tops[0]! : -1;
  const syntheticRoot = spans.length > 0 && (onlyTop === -1 || parents[onlyTop] !== root);

  const order = new Int32Array(spans.length);
  const depth = new Int32Array(spans.length);
  let placed = 0;
  const pending: number[] = tops.toReversed();
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const parent = parents[at]!;
    depth[at] = parent >= 0 ? depth[parent]! + 1 : syntheticRoot ? 1 : 0;
    order[placed++] = at;
    const from = pending.length;
    for (let child = first[at]!; child !== -1; child = next[child]!) pending.push(child);
    reverseFrom(pending, from);
  }

  const places = new Int32Array(spans.length);
  for (let i = 0; i < placed; i++) places[order[i]!] = i;

  const descendants = new Int32Array(spans.length);
  for (let i = placed - 1; i >= 0; i--) {
    const parent = parents[order[i]!]!;
    if (parent >= 0) descendants[parent]! += descendants[order[i]!]! + 1;
  }

  return {
    syntheticRoot,
    spans: Array.from(order, (at) => {
      const parent = spans[parents[at]!];
      const early = parent === undefined ? 0 : parent.startNs - spans[at]!.startNs;
      return {
        spanId: spans[at]!.spanId,
        at,
        parent: parent === undefined ? -1 : places[parents[at]!]!,
        depth: depth[at]!,
        children: children[at]!,
        descendants: descendants[at]!,
        orphan: parents[at] === orphan,
        cycle: inCycle[at] === 1,
        startsBeforeParentUs: early > 0 ? Math.floor(early / 1000) : 0,
      };
    }),
  };
}

function parentIndexes(spans: readonly TreeSpan[]): Int32Array {
  const indexes = new Map(spans.map(({ spanId }, i) => [spanId, i]));
  return Int32Array.from(spans, ({ parentSpanId }) =>
    parentSpanId === "" ? root : (indexes.get(parentSpanId) ?? orphan),
  );
}

/** Cuts each cycle at its first span; 1 for every span that was in one. */
function cutCycles(parents: Int32Array): Uint8Array {
  const inCycle = new Uint8Array(parents.length);
  /** 0: not visited; else the number of the walk that came by. */
  const walks = new Int32Array(parents.length);
  for (let start = 0; start < parents.length; start++) {
    let at = start;
    while (at >= 0 && walks[at] === 0) {
      walks[at] = start + 1;
      at = parents[at]!;
    }
    if (at < 0 || walks[at] !== start + 1) continue;
    let earliest = at;
    for (let member = at; inCycle[member] === 0; member = parents[member]!) {
      inCycle[member] = 1;
      earliest = Math.min(earliest, member);
    }
    parents[earliest] = cut;
  }
  return inCycle;
}

/** Children as linked lists, in the order of the input. */
function childLists(parents: Int32Array) {
  const first = new Int32Array(parents.length).fill(-1);
  const next = new Int32Array(parents.length).fill(-1);
  const children = new Int32Array(parents.length);
  const tops: number[] = [];
  for (let at = parents.length - 1; at >= 0; at--) {
    const parent = parents[at]!;
    if (parent < 0) tops.push(at);
    else {
      next[at] = first[parent]!;
      first[parent] = at;
      children[parent]!++;
    }
  }
  return { first, next, children, tops: tops.reverse() };
}

function reverseFrom(list: number[], from: number): void {
  for (let low = from, high = list.length - 1; low < high; low++, high--) {
    const kept = list[low]!;
    list[low] = list[high]!;
    list[high] = kept;
  }
}
