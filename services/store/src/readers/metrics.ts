import type { Dimension, Interval, Measure } from "@spanhouse/schemas/api/metrics";
import { type SliceKind, type SliceKindName, sliceKindNames, sliceKinds } from "../slices/slices.ts";
import { measureSql } from "./metric-measures.ts";
import type { ProjectReader } from "./project-reader.ts";

export interface MetricsQuestion {
  /** At least one; groups are ranked by the first. */
  readonly measures: readonly [Measure, ...Measure[]];
  readonly groupBy: readonly Dimension[];
  /** Of each dimension, the values any of which a call must have. */
  readonly filters: ReadonlyMap<Dimension, readonly string[]>;
  readonly interval: Interval;
  /** Unix s, whole minutes, half-open. */
  readonly from: number;
  readonly to: number;
  readonly limit: number;
}

export type MetricValues = Readonly<Record<string, string | number | null>>;

export interface MetricsGroup {
  readonly key: Readonly<Record<string, string>>;
  readonly totals: MetricValues;
  readonly points: readonly { readonly time: string; readonly values: MetricValues }[];
}

export interface MetricsAnswer {
  /** The greatest by the first measure, at most `limit`. */
  readonly groups: readonly MetricsGroup[];
  readonly truncated: boolean;
}

/** The first kind of slices that has every dimension and measure asked for. */
export function sliceKindFor(
  question: Pick<MetricsQuestion, "measures" | "groupBy" | "filters">,
): SliceKindName | undefined {
  const needed = [
    ...question.groupBy,
    ...question.filters.keys(),
    ...question.measures.flatMap((measure) => measureSql[measure].needs),
  ];
  return sliceKindNames.find((name) => {
    const { dimensions, measures }: SliceKind = sliceKinds[name];
    return needed.every((column) => column in dimensions || column in measures);
  });
}

const starts = { minute: "toStartOfMinute", hour: "toStartOfHour", day: "toStartOfDay" } as const;

/** Totals of the greatest groups and, where there is an interval, their points. From the coarsest slices that serve. */
export async function readMetrics(
  reader: ProjectReader,
  kind: SliceKindName,
  question: MetricsQuestion,
): Promise<MetricsAnswer> {
  const { measures, groupBy, interval, limit } = question;
  const params = {
    from: question.from,
    to: question.to,
    limit: limit + 1,
    ...Object.fromEntries([...question.filters].map(([dimension, values]) => [`filter_${dimension}`, values])),
  };
  const source = sourceSql(kind, question);
  const keys = groupBy.map((dimension) => `toString(s.${dimension})`);
  const values = measures.map((measure) => measureSql[measure].sql);
  const grouped = keys.length === 0 ? "" : `GROUP BY ${keys.join(", ")}`;
  const ranked = `${grouped} ORDER BY ${[`${values[0]} DESC NULLS LAST`, ...keys].join(", ")} LIMIT {limit:UInt32}`;

  const totals = await reader.queryRows<(string | number | null)[]>(
    `SELECT ${[...keys, ...values].join(", ")} FROM ${source} ${ranked}`,
    params,
  );
  const kept = totals.slice(0, limit);
  const truncated = totals.length > limit;
  const points = new Map<string, { time: string; values: MetricValues }[]>();
  if (interval !== "none") {
    const time = `${starts[interval]}(s.time)`;
    const among =
      keys.length === 0 ? "" : `AND (${keys.join(", ")}) IN (SELECT ${keys.join(", ")} FROM ${source} ${ranked})`;
    const rows = await reader.queryRows<[string, ...(string | number | null)[]]>(
      `SELECT ${[time, ...keys, ...values].join(", ")} FROM ${source} ${among}
       GROUP BY ${[time, ...keys].join(", ")} ORDER BY ${time}`,
      { ...params, limit },
    );
    for (const [at, ...row] of rows) {
      const key = keyOf(row, groupBy.length);
      const known = points.get(key);
      const point = { time: at, values: valuesOf(row, question) };
      if (known) known.push(point);
      else points.set(key, [point]);
    }
  }
  return {
    groups: kept.map((row) => ({
      key: Object.fromEntries(groupBy.map((dimension, i) => [dimension, String(row[i])])),
      totals: valuesOf(row, question),
      points: points.get(keyOf(row, groupBy.length)) ?? [],
    })),
    truncated,
  };
}

function sourceSql(kind: SliceKindName, { interval, filters }: MetricsQuestion): string {
  const grain = interval === "none" ? "day" : interval;
  const where = [
    "s.project = {project:String}",
    ...[...filters.keys()].map((dimension) => `toString(s.${dimension}) IN {filter_${dimension}:Array(String)}`),
  ];
  return `${kind}(from = {from:UInt32}, to = {to:UInt32}, grain = '${grain}') AS s WHERE ${where.join(" AND ")}`;
}

function keyOf(row: readonly unknown[], length: number): string {
  return JSON.stringify(row.slice(0, length));
}

function valuesOf(row: readonly (string | number | null)[], { groupBy, measures }: MetricsQuestion): MetricValues {
  return Object.fromEntries(
    measures.map((measure, i) => {
      const value = row[groupBy.length + i] ?? null;
      return [measure, value === null || measureSql[measure].value === "money" ? value : Number(value)];
    }),
  );
}
