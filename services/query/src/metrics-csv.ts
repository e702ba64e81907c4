import type { Metrics } from "@spanhouse/schemas/api/metrics";
import { csvLine } from "./csv.ts";

interface Series {
  readonly totals: Metrics["groups"][number]["totals"];
  readonly points: Metrics["groups"][number]["points"];
}

/**
 * A line a point, or a group where there is no interval: `series` (`current`, `previous` or `other`), `time`, the
 * dimensions, the measures.
 */
export function metricsCsv({ groups, group_by, measures, interval, from, other, previous }: Metrics): string {
  const lines = (name: string, start: string, key: readonly string[], { totals, points }: Series) =>
    (interval === "none" ? [{ time: start, values: totals }] : points)
      .map(({ time, values }) => csvLine([name, time, ...key, ...measures.map((measure) => values[measure] ?? null)]))
      .join("");
  return [
    csvLine(["series", "time", ...group_by, ...measures]),
    ...groups.flatMap((group) => {
      const key = group_by.map((dimension) => group.key[dimension] ?? "");
      return [
        lines("current", from, key, group),
        group.previous && previous ? lines("previous", previous.from, key, group.previous) : "",
      ];
    }),
    other
      ? lines(
          "other",
          from,
          group_by.map(() => ""),
          other,
        )
      : "",
  ].join("");
}
