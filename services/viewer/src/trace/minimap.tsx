import { type PointerEvent, useEffect, useRef, useState } from "react";
import { colourOf, useIsDark } from "../layout/theme.ts";
import type { Row } from "./rows.ts";
import { endOf, type SpanTable } from "./span-table.ts";
import type { View } from "./zoom.ts";
import "./minimap.css";

interface MinimapProps {
  readonly table: SpanTable;
  readonly rows: readonly Row[];
  readonly extent: View;
  readonly view: View;
  /** The lines in sight, as shares of all. */
  readonly sight: { readonly from: number; readonly to: number };
  readonly now: number;
  readonly onZoom: (view: View | undefined) => void;
}

const tones = ["model", "tool", "retrieval", "wrapper", "other"] as const;

/** All lines at once, however many; dragging over it chooses the time that the waterfall shows. */
export function Minimap({ table, rows, extent, view, sight, now, onZoom }: MinimapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isDark = useIsDark();
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number }>();
  const width = useWidth(canvas);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    if (canvas.current) draw(canvas.current, table, rows, extent, now);
  }, [table, rows, extent, now, isDark, width]);

  const shareAt = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / width));
  };
  const timeAt = (share: number) => extent.from + share * (extent.to - extent.from);
  const shareOf = (time: number) => (time - extent.from) / (extent.to - extent.from);
  const zoomed = view.from > extent.from || view.to < extent.to;
  const shown = drag
    ? { from: Math.min(drag.from, drag.to), to: Math.max(drag.from, drag.to) }
    : zoomed
      ? { from: shareOf(view.from), to: shareOf(view.to) }
      : undefined;

  function release(): void {
    if (drag && Math.abs(drag.to - drag.from) > 0.003) {
      onZoom({ from: timeAt(Math.min(drag.from, drag.to)), to: timeAt(Math.max(drag.from, drag.to)) });
    }
    setDrag(undefined);
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the tree below is the same by keys, and 0 and the address zoom
    <div
      className="minimap"
      title="Drag to zoom; double-click or 0 for all"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        const share = shareAt(event);
        setDrag({ from: share, to: share });
      }}
      onPointerMove={(event) => drag && setDrag({ from: drag.from, to: shareAt(event) })}
      onPointerUp={release}
      onPointerCancel={() => setDrag(undefined)}
      onDoubleClick={() => onZoom(undefined)}
    >
      <canvas ref={canvas} role="img" aria-label="All spans of the trace over time" />
      <span
        className="minimap-sight"
        style={{ top: `${sight.from * 100}%`, height: `max(3px, ${(sight.to - sight.from) * 100}%)` }}
      />
      {shown && (
        <>
          <span className="minimap-shade" style={{ left: 0, width: `${shown.from * 100}%` }} />
          <span className="minimap-shade" style={{ right: 0, width: `${(1 - shown.to) * 100}%` }} />
        </>
      )}
      {zoomed && (
        <button
          type="button"
          className="button minimap-all"
          onPointerDown={(event) => event.stopPropagation()}
          onClick={() => onZoom(undefined)}
        >
          Whole trace
        </button>
      )}
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, table: SpanTable, rows: readonly Row[], extent: View, now: number): void {
  const scale = window.devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext("2d");
  if (!context || rows.length === 0) return;
  context.scale(scale, scale);
  const colours = Object.fromEntries(tones.map((tone) => [tone, colourOf(`--${tone}`)]));
  const bad = colourOf("--bad");
  const line = height / rows.length;
  const thick = Math.max(1, Math.min(4, line - 0.5));
  const perUs = width / (extent.to - extent.from);
  // Of several lines on one pixel the failed ones are drawn last: they are what is looked for.
  const failed: (() => void)[] = [];
  rows.forEach((row, at) => {
    if (row.kind === "gap") return;
    const node = table.node(row.index);
    const from = table.start[row.index]!;
    const last = row.kind === "group" && !row.expanded ? lastOf(table, row.index, row.count) : row.index;
    const x = (from - extent.from) * perUs;
    const w = Math.max(1, (endOf(table, last, now) - from) * perUs);
    const paint = () => context.fillRect(x, at * line, w, thick);
    if (node.outcome === "error") failed.push(paint);
    else {
      context.fillStyle = colours[node.role]!;
      paint();
    }
  });
  context.fillStyle = bad;
  for (const paint of failed) paint();
}

function lastOf(table: SpanTable, first: number, count: number): number {
  let at = first;
  for (let left = count - 1; left > 0; left--) {
    const next = at + table.descendants[at]! + 1;
    if (next >= table.size) break;
    at = next;
  }
  return at;
}

function useWidth(element: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.round(entry.contentRect.width)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
