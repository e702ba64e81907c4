import { useVirtualizer } from "@tanstack/react-virtual";
import { type MouseEvent, type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { duration } from "../format/duration.ts";
import type { Analysis } from "./analysis.ts";
import type { Row } from "./rows.ts";
import { SpanRow } from "./span-row.tsx";
import type { SpanTable } from "./span-table.ts";
import { ticksOf, type View } from "./zoom.ts";
import "./span-tree.css";
import "./tones.css";

/** px; also `--row` of the style sheet. */
export const rowHeight = 28;

export interface SpanTreeProps {
  readonly table: SpanTable;
  readonly analysis: Analysis;
  readonly rows: readonly Row[];
  readonly view: View;
  /** Index into `rows` of the line that keys act on. */
  readonly cursor: number;
  readonly matches: ReadonlySet<number>;
  readonly showCritical: boolean;
  readonly now: number;
  readonly onPick: (row: number) => void;
  readonly onFold: (row: number) => void;
  /** Told which part of the lines is in sight. */
  readonly onScroll?: (first: number, last: number) => void;
  readonly ref?: Ref<SpanTreeHandle>;
}

export interface SpanTreeHandle {
  focus(): void;
}

/** Tree and waterfall: one list of lines, of which only those in sight exist. */
export function SpanTree(props: SpanTreeProps) {
  const { table, analysis, rows, view, cursor, matches, showCritical, now, onPick, onFold, onScroll, ref } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
    onChange: ({ range }) => range && onScroll?.(range.startIndex, range.endIndex),
  });
  useImperativeHandle(ref, () => ({ focus: () => scroller.current?.focus({ preventScroll: true }) }));
  useEffect(() => {
    if (cursor >= 0) lines.scrollToIndex(cursor, { align: "auto" });
  }, [cursor, lines]);

  function pick(event: MouseEvent<HTMLDivElement>, index: number): void {
    const folds = event.target instanceof Element && event.target.closest("[data-fold]");
    if (folds) onFold(index);
    else onPick(index);
  }

  return (
    <div
      className="tree"
      ref={scroller}
      role="treegrid"
      aria-label="Spans"
      aria-rowcount={rows.length + 1}
      aria-activedescendant={cursor >= 0 ? `line-${cursor}` : undefined}
      tabIndex={0}
    >
      <div role="row" className="tree-head" aria-rowindex={1}>
        <span role="columnheader">Span</span>
        <span role="columnheader">Time</span>
        <span role="columnheader" className="cell-tokens">
          Tokens
        </span>
        <span role="columnheader">Cost</span>
        <span role="columnheader" className="tree-axis">
          <span className="unseen">Waterfall</span>
          {ticksOf(view).map((tick) => (
            <span
              key={tick}
              className="tick"
              style={{ left: `${((tick - view.from) / (view.to - view.from)) * 100}%` }}
            >
              {duration(Math.max(0, tick))}
            </span>
          ))}
        </span>
      </div>
      <div role="rowgroup" className="tree-lines" style={{ height: `${lines.getTotalSize()}px` }}>
        {lines.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]!;
          const runs = row.kind === "group" || table.running[row.index] === 1;
          return (
            <div
              key={`${row.kind}${table.ids[row.index]}`}
              id={`line-${index}`}
              role="row"
              className={`line line-${row.kind}`}
              aria-rowindex={index + 2}
              aria-level={row.depth + 1}
              aria-expanded={row.kind === "gap" ? undefined : row.expanded}
              aria-selected={index === cursor}
              style={{ transform: `translateY(${start}px)` }}
              onClick={(event) => pick(event, index)}
            >
              <SpanRow
                {...{ row, table, analysis, view, showCritical }}
                now={runs ? now : 0}
                matches={matches.has(row.index)}
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}
