import type { SiblingMarks } from "./siblings.ts";
import type { SpanTable } from "./span-table.ts";

/** A line of the tree. `depth` counts the groups that a span stands in too. */
export type Row =
  | { readonly kind: "span"; readonly index: number; readonly depth: number; readonly expanded: boolean | undefined }
  /** The same call `count` times in a row, from the span `index` on. */
  | {
      readonly kind: "group";
      readonly index: number;
      readonly depth: number;
      readonly expanded: boolean;
      readonly count: number;
    }
  /** Time that no span accounts for, before the span `index`; `retry`: a call that failed was made again after it. */
  | {
      readonly kind: "gap";
      readonly index: number;
      readonly depth: number;
      readonly us: number;
      readonly retry: boolean;
    };

/** What a person has opened and closed, by span id. Spans are open and groups closed until told otherwise. */
export interface Folding {
  readonly closedSpans: ReadonlySet<string>;
  readonly openGroups: ReadonlySet<string>;
}

export const nothingFolded: Folding = { closedSpans: new Set(), openGroups: new Set() };

/** The lines that are shown: what is closed is passed over whole. */
export function rowsOf(table: SpanTable, marks: SiblingMarks, { closedSpans, openGroups }: Folding): readonly Row[] {
  const rows: Row[] = [];
  /** Ends of the open groups that the span at hand stands in. */
  const groupEnds: number[] = [];
  for (let at = 0; at < table.size; ) {
    while (groupEnds.length > 0 && at >= groupEnds.at(-1)!) groupEnds.pop();
    const depth = table.depth[at]! + groupEnds.length;
    const gap = marks.gapBefore[at]!;
    if (gap > 0) rows.push({ kind: "gap", index: at, depth, us: gap, retry: table.node(at).attempt > 1 });
    const count = marks.run[at]!;
    let inGroup = 0;
    if (count > 0) {
      const expanded = openGroups.has(table.ids[at]!);
      rows.push({ kind: "group", index: at, depth, expanded, count });
      if (!expanded) {
        at = marks.runEnd[at]!;
        continue;
      }
      groupEnds.push(marks.runEnd[at]!);
      inGroup = 1;
    }
    const below = table.descendants[at]!;
    const expanded = below === 0 ? undefined : !closedSpans.has(table.ids[at]!);
    rows.push({ kind: "span", index: at, depth: depth + inGroup, expanded });
    at += expanded === false ? below + 1 : 1;
  }
  return rows;
}

/** Opens or closes what a row stands for. */
export function fold(folding: Folding, table: SpanTable, row: Row, open: boolean): Folding {
  const id = table.ids[row.index]!;
  if (row.kind === "group") return { ...folding, openGroups: toggled(folding.openGroups, id, open) };
  if (row.kind === "span") return { ...folding, closedSpans: toggled(folding.closedSpans, id, !open) };
  return folding;
}

/** Opens all that hides a span: the spans above it, and the groups that it or they stand in. */
export function reveal(folding: Folding, table: SpanTable, marks: SiblingMarks, index: number): Folding {
  const closedSpans = new Set(folding.closedSpans);
  const openGroups = new Set(folding.openGroups);
  for (let at = index; at >= 0; at = table.parent[at]!) {
    if (at !== index) closedSpans.delete(table.ids[at]!);
    const head = runOf(table, marks, at);
    if (head !== undefined) openGroups.add(table.ids[head]!);
  }
  return { closedSpans, openGroups };
}

/** The first span of the run that a span is a member of. */
export function runOf(table: SpanTable, marks: SiblingMarks, index: number): number | undefined {
  const parent = table.parent[index]!;
  for (let at = parent + 1, head = -1; at <= index; at += table.descendants[at]! + 1) {
    if (marks.run[at]! > 0) head = at;
    if (at === index) return head >= 0 && index < marks.runEnd[head]! ? head : undefined;
  }
  return undefined;
}

function toggled(ids: ReadonlySet<string>, id: string, present: boolean): ReadonlySet<string> {
  const changed = new Set(ids);
  if (present) changed.add(id);
  else changed.delete(id);
  return changed;
}
