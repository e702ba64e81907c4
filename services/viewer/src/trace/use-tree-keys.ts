import { type KeyAction, useKeys } from "../layout/use-keys.ts";
import type { Row } from "./rows.ts";
import type { SpanTable } from "./span-table.ts";

export interface TreeKeys {
  readonly rows: readonly Row[];
  readonly table: SpanTable | undefined;
  readonly cursor: number;
  /** Clamped to the lines. */
  readonly moveTo: (line: number) => void;
  readonly foldLine: (line: number, open: boolean) => void;
  readonly open: (line: number) => void;
  readonly close: () => void;
  readonly others: Readonly<Record<string, KeyAction>>;
}

/** The keys of a list with folds: vi's and the arrows'. Where the focus is on what has keys of its own, those win. */
export function useTreeKeys({ rows, table, cursor, moveTo, foldLine, open, close, others }: TreeKeys): void {
  const row = rows[cursor];
  const next = () => moveTo(cursor + 1);
  const previous = () => moveTo(cursor - 1);
  const parentLine = () => {
    for (let line = cursor - 1; row && line >= 0; line--) {
      const above = rows[line]!;
      if (above.kind !== "gap" && above.depth < row.depth) return line;
    }
    return cursor;
  };
  const into = () => {
    if (!row || row.kind === "gap") return;
    if (row.expanded === false) foldLine(cursor, true);
    else if (row.expanded) moveTo(cursor + 1);
  };
  const out = () => {
    if (!row) return;
    if (row.kind !== "gap" && row.expanded) foldLine(cursor, false);
    else moveTo(parentLine());
  };
  /** Arrows and the like also scroll a text or press a button. */
  const inTree =
    (action: () => void): KeyAction =>
    ({ target }) => {
      if (target instanceof Element && target.closest("a, button, input, [role=tab], .span-panel")) return false;
      action();
      return true;
    };
  useKeys({
    j: next,
    k: previous,
    l: into,
    h: out,
    ArrowDown: inTree(next),
    ArrowUp: inTree(previous),
    ArrowRight: inTree(into),
    ArrowLeft: inTree(out),
    PageDown: inTree(() => moveTo(cursor + 20)),
    PageUp: inTree(() => moveTo(cursor - 20)),
    Home: inTree(() => moveTo(0)),
    End: inTree(() => moveTo(rows.length - 1)),
    Enter: inTree(() => {
      if (!row || !table) return;
      if (row.kind === "group" && !row.expanded) foldLine(cursor, true);
      else open(cursor);
    }),
    Escape: close,
    ...others,
  });
}
