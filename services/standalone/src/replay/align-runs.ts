import type { CaseSpan } from "./case-file.ts";

/** A line of two trees laid on each other; one of the two may be without a counterpart. */
export interface AlignedSpans<Span> {
  readonly depth: number;
  readonly recorded: Span | undefined;
  readonly replayed: Span | undefined;
}

interface Runs<Span> {
  readonly recorded: readonly Span[];
  readonly replayed: readonly Span[];
  /** By a replayed span: the recorded one whose question it asked, where that is known. */
  readonly matches: ReadonlyMap<Span, Span>;
  /** What a counterpart must share where no question says it. */
  readonly labelOf: (span: Span) => string;
  /** What new siblings are sorted by; of concurrent ones their times say nothing. */
  readonly orderOf: (span: Span) => string;
}

/**
 * Lays the tree of a replay on the recorded one: what asked the same is a pair wherever it stands, steps are paired by
 * what is below them, and what is left under a pair by its label, in order. Rows follow the recorded tree; what is new
 * comes after the children of its parent.
 */
export function alignRuns<Span extends CaseSpan>(runs: Runs<Span>): AlignedSpans<Span>[] {
  const { recorded, replayed, labelOf, orderOf } = runs;
  const [recordedTree, replayedTree] = [treeOf(recorded), treeOf(replayed)];
  const counterparts = new Map<Span, Span>();
  const taken = new Set<Span>();
  const pair = (of: Span, to: Span): void => {
    if (counterparts.has(of) || taken.has(to)) return;
    counterparts.set(of, to);
    taken.add(to);
  };
  for (const span of replayed) {
    const match = runs.matches.get(span);
    if (match !== undefined) pair(span, match);
  }
  pairSteps(counterparts, replayedTree, recordedTree, pair);
  // Parents first: a span's counterpart says where those of its children are looked for.
  for (const span of replayed) {
    const parent = replayedTree.parentOf(span);
    const above = parent && counterparts.get(parent);
    if (counterparts.has(span) || (parent !== undefined && above === undefined)) continue;
    const free = recordedTree.childrenOf(above).find((one) => !taken.has(one) && labelOf(one) === labelOf(span));
    if (free !== undefined) pair(span, free);
  }

  const byRecorded = new Map([...counterparts].map(([of, to]) => [to, of]));
  const rows: AlignedSpans<Span>[] = [];
  const isNew = (span: Span): boolean => !counterparts.has(span);
  const addNew = (span: Span, depth: number): void => {
    rows.push({ depth, recorded: undefined, replayed: span });
    for (const child of newBelow(span)) addNew(child, depth + 1);
  };
  const newBelow = (parent: Span | undefined): Span[] =>
    replayedTree
      .childrenOf(parent)
      .filter(isNew)
      .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  const add = (span: Span, depth: number): void => {
    const counterpart = byRecorded.get(span);
    rows.push({ depth, recorded: span, replayed: counterpart });
    for (const child of recordedTree.childrenOf(span)) add(child, depth + 1);
    if (counterpart !== undefined) for (const child of newBelow(counterpart)) addNew(child, depth + 1);
  };
  for (const root of recordedTree.childrenOf(undefined)) add(root, 0);
  for (const root of newBelow(undefined)) addNew(root, 0);
  return rows;
}

/** Each step's counterpart is the one that most of the pairs below it agree on. */
function pairSteps<Span extends CaseSpan>(
  pairs: ReadonlyMap<Span, Span>,
  replayed: Tree<Span>,
  recorded: Tree<Span>,
  pair: (of: Span, to: Span) => void,
): void {
  const votes = new Map<Span, Map<Span, number>>();
  for (const [of, to] of pairs) {
    let [left, right] = [replayed.parentOf(of), recorded.parentOf(to)];
    while (left !== undefined && right !== undefined) {
      if (left.name === right.name) {
        const tally = votes.get(left) ?? new Map<Span, number>();
        tally.set(right, (tally.get(right) ?? 0) + 1);
        votes.set(left, tally);
      }
      [left, right] = [replayed.parentOf(left), recorded.parentOf(right)];
    }
  }
  const all = [...votes].flatMap(([of, tally]) => [...tally].map(([to, count]) => ({ of, to, count })));
  all.sort((a, b) => b.count - a.count || a.to.span - b.to.span || a.of.span - b.of.span);
  for (const { of, to } of all) pair(of, to);
}

interface Tree<Span> {
  childrenOf(parent: Span | undefined): readonly Span[];
  parentOf(span: Span): Span | undefined;
}

function treeOf<Span extends CaseSpan>(spans: readonly Span[]): Tree<Span> {
  const byOrdinal = new Map(spans.map((span) => [span.span, span]));
  const children = new Map<number, Span[]>();
  for (const span of spans) {
    const siblings = children.get(span.parent ?? 0);
    if (siblings) siblings.push(span);
    else children.set(span.parent ?? 0, [span]);
  }
  return {
    childrenOf: (parent) => children.get(parent?.span ?? 0) ?? [],
    parentOf: (span) => (span.parent === null ? undefined : byOrdinal.get(span.parent)),
  };
}
