import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { dayAndMinute } from "../format/time.ts";
import { colourOf, useIsDark } from "../layout/theme.ts";
import "./chart.css";

export interface Series {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly colour: `--${string}`;
  /** Bars stand on each other in the order of the list; lines do not. `faint`: what is compared with. */
  readonly kind: "bar" | "line" | "faint";
}

export interface ChartProps {
  readonly label: string;
  /** Starts of the intervals, Unix s. */
  readonly starts: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** A stretch was marked: Unix s. */
  readonly onZoom: (from: number, to: number) => void;
  /** An interval was chosen. */
  readonly onPick: (from: number, to: number) => void;
  /** px */
  readonly height?: number;
}

/** A chart over time: drag to zoom, click for what is behind a point; by keys too: arrows, Enter. */
export function Chart({ label, starts, series, format, onZoom, onPick, height = 132 }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [at, setAt] = useState<number | null>(null);
  const isDark = useIsDark();
  const acts = useRef({ onZoom, onPick });
  acts.current = { onZoom, onPick };

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    if (!host.current || starts.length === 0) return;
    const element = host.current;
    const interval = starts.length > 1 ? starts[1]! - starts[0]! : 60;
    const made = new uPlot(
      optionsOf({ width: element.clientWidth, height, series, format, interval, setAt, acts }),
      [[...starts], ...stacked(series).toReversed()] as uPlot.AlignedData,
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [starts, series, format, isDark, height]);

  const endOf = (index: number) => starts[index + 1] ?? starts[index]! + (starts[1] ?? starts[0]! + 60) - starts[0]!;
  function keys(event: KeyboardEvent): void {
    const { key } = event;
    const moved = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (moved !== undefined) {
      const next = Math.min(starts.length - 1, Math.max(0, (at ?? (moved > 0 ? -1 : starts.length)) + moved));
      setAt(next);
      const left = plot.current?.valToPos(starts[next]!, "x") ?? -10;
      plot.current?.setCursor({ left, top: 20 }, false);
    } else if (key === "Enter" && at !== null) onPick(starts[at]!, endOf(at));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <div
      className="chart"
      role="group"
      aria-label={`${label}. Arrow keys move over it, Enter shows the traces behind a point.`}
      tabIndex={0}
      onKeyDown={keys}
      onBlur={() => setAt(null)}
    >
      <Legend {...{ series, format, at }} time={at === null ? undefined : starts[at]} />
      <div className="chart-plot" ref={host} aria-hidden="true" style={{ height }} />
    </div>
  );
}

/** The values at the cursor, in a line that is always there. */
function Legend({
  series,
  format,
  at,
  time,
}: Pick<ChartProps, "series" | "format"> & { readonly at: number | null; readonly time: number | undefined }) {
  return (
    <p className="chart-legend" aria-live="polite">
      {time !== undefined && <time className="numbers">{dayAndMinute(time * 1000)}</time>}
      {series.map(({ label, colour, kind, values }) => {
        const value = at === null ? undefined : values[at];
        if (kind === "faint" && at === null) return null;
        return (
          <span key={label} className="chart-key">
            <i className={`chart-sample chart-sample-${kind}`} style={{ color: `var(${colour})` }} />
            {label}
            {at !== null && <b className="numbers">{value === null || value === undefined ? "–" : format(value)}</b>}
          </span>
        );
      })}
    </p>
  );
}

/** Bars as the sums up to each; drawn from the highest, so that each covers the ones above it. */
function stacked(series: readonly Series[]): (number | null)[][] {
  let sums: number[] | undefined;
  return series.map(({ kind, values }) => {
    if (kind !== "bar") return [...values];
    sums = values.map((value, i) => (sums?.[i] ?? 0) + (value ?? 0));
    return sums.map((sum, i) => (values[i] ? sum : sum > 0 ? sum : null));
  });
}

interface Parts {
  readonly width: number;
  readonly height: number;
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  readonly interval: number;
  readonly setAt: (index: number | null) => void;
  readonly acts: { readonly current: Pick<ChartProps, "onZoom" | "onPick"> };
}

function optionsOf({ width, height, series, format, interval, setAt, acts }: Parts): uPlot.Options {
  const axis = {
    stroke: colourOf("--text-3"),
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
    grid: { stroke: colourOf("--line"), width: 1 },
    ticks: { show: false },
  };
  const bars = uPlot.paths.bars!({ size: [0.82, 40], align: 1 });
  // The highest sums are drawn first: each bar covers the lower part of the one before.
  const drawn = series.toReversed().map(({ label, colour, kind }): uPlot.Series => {
    const stroke = colourOf(colour);
    if (kind === "bar") return { label, stroke, fill: stroke, width: 0, paths: bars, points: { show: false } };
    return {
      label,
      stroke,
      width: 1.5,
      spanGaps: false,
      points: { show: kind === "line", size: 4, filter: alone },
      ...(kind === "faint" ? { dash: [3, 4], width: 1, alpha: 0.7 } : {}),
    };
  });
  return {
    width,
    height,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
      bind: {
        click: (plot) => (event) => {
          const { idx } = plot.cursor;
          const dragged = plot.select.width > 4;
          if (!dragged && idx != null && event.button === 0)
            acts.current.onPick(plot.data[0][idx]!, plot.data[0][idx]! + interval);
          return null;
        },
      },
    },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    hooks: {
      setCursor: [({ cursor }) => setAt(cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          const { left, width: wide } = plot.select;
          if (wide <= 4) return;
          acts.current.onZoom(plot.posToVal(left, "x"), plot.posToVal(left + wide, "x"));
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
    // The whole last interval is in sight.
    scales: {
      x: { time: true, range: (_, least, most) => [least, most + interval] },
      y: { range: (_, _least, most) => [0, most > 0 ? most * 1.08 : 1] },
    },
    axes: [
      { ...axis, size: 24, space: 70, values: (_, splits) => splits.map((split) => timeLabel(split, interval)) },
      { ...axis, size: 58, space: 28, values: (_, splits) => splits.map(format) },
    ],
    series: [{}, ...drawn],
  };
}

/** A point whose neighbours are missing makes no line: it is drawn as a dot. */
function alone(plot: uPlot, seriesIndex: number): number[] {
  const values = plot.data[seriesIndex]!;
  const lonely: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] != null && values[i - 1] == null && values[i + 1] == null) lonely.push(i);
  }
  return lonely;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

function timeLabel(seconds: number, interval: number): string {
  const date = new Date(seconds * 1000);
  if (interval >= 86_000 || (date.getHours() === 0 && date.getMinutes() === 0)) return day.format(date);
  return clock.format(date);
}
