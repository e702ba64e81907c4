import type { TreeNode } from "@spanhouse/schemas/api/spans";
import type { Colour, Paint } from "./paint.ts";
import { clipped, dollars, duration, visible } from "./units.ts";

const colours: Readonly<Record<TreeNode["role"], Colour>> = {
  ...{ model: "cyan", tool: "yellow", retrieval: "green", wrapper: "blue", other: "grey" },
};

/**
 * The spans of a trace, one a line in the order of its tree: its name under its parent's, a bar where it lies in time, its
 * duration and cost, and how it ended where that is not well. No line is longer than `width` characters.
 */
export function waterfallLines(spans: readonly TreeNode[], width: number, paint: Paint): string[] {
  const times = spans.map(({ start_time, duration_us }) => {
    const start = microseconds(start_time);
    return { start, end: start + duration_us };
  });
  const first = Math.min(...times.map(({ start }) => start));
  const length = Math.max(1, Math.max(...times.map(({ end }) => end)) - first);
  const figures = spans.map((span) => [duration(span.duration_us).padStart(8), costOf(span).padStart(10)].join(" "));
  const nameWidth = Math.min(
    44,
    Math.floor(width * 0.4),
    Math.max(...spans.map((span) => span.depth * 2 + visible(span.name).length)),
  );
  const barWidth = Math.max(8, width - nameWidth - 22 - 12);
  return spans.map((span, i) => {
    const indent = "  ".repeat(Math.min(span.depth, 12));
    const name = clipped(indent + span.name, nameWidth).padEnd(nameWidth);
    const { start, end } = times[i]!;
    const from = Math.min(barWidth - 1, Math.floor(((start - first) / length) * barWidth));
    const cells = Math.max(1, Math.min(barWidth - from, Math.round(((end - start) / length) * barWidth)));
    const bar = `${" ".repeat(from)}${paint("█".repeat(cells), colours[span.role])}${" ".repeat(barWidth - from - cells)}`;
    const { outcome } = span;
    const ended = outcome === null ? "open" : outcome === "ok" ? "" : outcome;
    return `${name} ${bar} ${figures[i]}${ended === "" ? "" : `  ${paint(ended, "red")}`}`.trimEnd();
  });
}

function costOf({ price_state, cost, estimated_cost, aggregate }: TreeNode): string {
  if (aggregate) return "";
  if (price_state === "priced") return dollars(cost);
  return price_state === "estimated" ? `~${dollars(estimated_cost)}` : price_state === "none" ? "" : "unpriced";
}

/** Of a time with nine digits; the day's own offset keeps it exact in a number. */
function microseconds(time: string): number {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? "";
  return Date.parse(time.replace(/\.\d+/, "")) * 1000 + Number(fraction.padEnd(9, "0").slice(0, 6));
}
