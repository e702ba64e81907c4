/** A span of a tree, depth first; `parent` is the row of its parent, -1 at the top. */
export interface AlignableSpan {
  readonly parent: number;
  /** What a counterpart must share. */
  readonly label: string;
}

/** Rows of both trees; -1 where one has no counterpart. */
export interface AlignedRow {
  readonly depth: number;
  readonly left: number;
  readonly right: number;
}

/**
 * Lays two trees on each other, depth first: the children of a pair are matched in their order by a longest common
 * subsequence of their labels (of very many, by position), and what is left stands alone with all below it.
 */
export function alignTrees(left: readonly AlignableSpan[], right: readonly AlignableSpan[]): AlignedRow[] {
  const [ofLeft, ofRight] = [childrenOf(left), childrenOf(right)];
  const rows: AlignedRow[] = [];
  const pending: AlignedRow[] = [];
  const push = (pairs: readonly (readonly [number, number])[], depth: number) => {
    for (const [a, b] of pairs.toReversed()) pending.push({ depth, left: a, right: b });
  };
  push(matched(ofLeft(-1), ofRight(-1), left, right), 0);
  for (let row = pending.pop(); row !== undefined; row = pending.pop()) {
    rows.push(row);
    const below = matched(
      row.left === -1 ? [] : ofLeft(row.left),
      row.right === -1 ? [] : ofRight(row.right),
      left,
      right,
    );
    push(below, row.depth + 1);
  }
  return rows;
}

/** A table of more cells would take longer than its matches are worth. */
const mostCells = 250_000;

function matched(
  as: readonly number[],
  bs: readonly number[],
  left: readonly AlignableSpan[],
  right: readonly AlignableSpan[],
): readonly (readonly [number, number])[] {
  const alike = (i: number, j: number) => left[as[i]!]!.label === right[bs[j]!]!.label;
  const width = bs.length + 1;
  const small = as.length * bs.length <= mostCells;
  /** The length of the longest common subsequence of what is left from (i, j) on. */
  const longest = new Uint32Array(small ? (as.length + 1) * width : 0);
  if (small) {
    for (let i = as.length - 1; i >= 0; i--) {
      for (let j = bs.length - 1; j >= 0; j--) {
        longest[i * width + j] = alike(i, j)
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);
      }
    }
  }
  const pairs: [number, number][] = [];
  let [i, j] = [0, 0];
  while (i < as.length || j < bs.length) {
    if (i < as.length && j < bs.length && alike(i, j)) pairs.push([as[i++]!, bs[j++]!]);
    else if (
      j >= bs.length ||
      (i < as.length && (!small || longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!))
    )
      pairs.push([as[i++]!, -1]);
    else pairs.push([-1, bs[j++]!]);
  }
  return pairs;
}

function childrenOf(spans: readonly AlignableSpan[]): (parent: number) => readonly number[] {
  const children = new Map<number, number[]>();
  for (const [i, { parent }] of spans.entries()) {
    const known = children.get(parent);
    if (known) known.push(i);
    else children.set(parent, [i]);
  }
  return (parent) => children.get(parent) ?? [];
}
