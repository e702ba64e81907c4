import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { shortCount } from "../format/count.ts";
import { Chart, type Series } from "../overview/chart.tsx";
import type { TimeRange } from "../time/time-range.ts";
import type { Filters } from "./filters.ts";
import { histogramQuery } from "./traces-queries.ts";

interface HistogramProps {
  readonly range: TimeRange;
  readonly filters: Filters;
  readonly onZoom: (from: number, to: number) => void;
}

/** When the traces ended, those with an error apart. */
export function Histogram({ range, filters, onZoom }: HistogramProps) {
  const { data } = useQuery(histogramQuery(range, filters));
  const { starts, series } = useMemo(() => {
    if (!data) return { starts: [], series: [] };
    const bars = new Map(data.bars.map((bar) => [Date.parse(bar.time) / 1000, bar]));
    const starts: number[] = [];
    // Steps begin at whole multiples of their length.
    const first = Math.floor(Date.parse(data.from) / 1000 / data.step_seconds) * data.step_seconds;
    for (let at = first; at < Date.parse(data.to) / 1000; at += data.step_seconds) starts.push(at);
    const series: Series[] = [
      { label: "with an error", values: starts.map((at) => bars.get(at)?.errors ?? 0), colour: "--bad", kind: "bar" },
      {
        label: "others",
        values: starts.map((at) => (bars.get(at)?.traces ?? 0) - (bars.get(at)?.errors ?? 0)),
        colour: "--series-5",
        kind: "bar",
      },
    ];
    return { starts, series };
  }, [data]);
  return (
    <div className="histogram">
      <Chart label="Traces over time" {...{ starts, series, onZoom }} height={92} format={shortCount} onPick={onZoom} />
    </div>
  );
}
