import type { Dimension, Interval, Measure } from "@spanhouse/schemas/api/metrics";
import type { QueryParams } from "../clickhouse.ts";
import { type FoldedSlices, readFoldedSlices, type SliceGrain, sliceCover } from "../slices/slice-cover.ts";
import { sliceSource } from "../slices/slice-source.ts";
import { type SliceKind, type SliceKindName, sliceKindNames, sliceKinds } from "../slices/slices.ts";
import { isAdditive, measureSql } from "./metric-measures.ts";
import { metricTime } from "./metric-time.ts";
import type { ProjectReader } from "./project-reader.ts";

export interface MetricsQuestion {
  /** At least one; groups are ranked by the first. */
  readonly measures: readonly [Measure, ...Measure[]];
  readonly groupBy: readonly Dimension[];
  /** Of each dimension, the values any of which a call must have. */
  readonly filters: ReadonlyMap<Dimension, readonly string[]>;
  readonly interval: Interval;
  /** IANA; whose hours, days, weeks and months the points are of. */
  readonly timeZone: string;
  /** Unix s, whole minutes, half-open. */
  readonly from: number;
  readonly to: number;
  readonly limit: number;
  readonly other: boolean;
  readonly previous: boolean;
}

export type MetricValues = Readonly<Record<string, string | number | null>>;

export interface MetricsSeries {
  readonly totals: MetricValues;
  readonly points: readonly { readonly time: string; readonly values: MetricValues }[];
}

export interface MetricsGroup extends MetricsSeries {
  readonly key: Readonly<Record<string, string>>;
  /** The stretch of time before, where that was asked for. */
  readonly previous: MetricsSeries | undefined;
}

export interface MetricsAnswer {
  /** The greatest by the first measure, at most `limit`. */
  readonly groups: readonly MetricsGroup[];
  readonly truncated: boolean;
  /** All groups beyond the limit as one, where there are and that was asked for. */
  readonly other: MetricsSeries | undefined;
}

/** The first kind of slices that has every dimension and measure asked for. */
export function sliceKindFor(
  question: Pick<MetricsQuestion, "measures" | "groupBy" | "filters">,
): SliceKindName | undefined {
  return sliceKindWith([
    ...question.groupBy,
    ...question.filters.keys(),
    ...question.measures.flatMap((measure) => measureSql[measure].needs),
  ]);
}

/** The first kind of slices that has every column. */
export function sliceKindWith(columns: readonly string[]): SliceKindName | undefined {
  return sliceKindNames.find((name) => {
    const { dimensions, measures }: SliceKind = sliceKinds[name];
    return columns.every((column) => column in dimensions || column in measures);
  });
}

type Row = readonly (string | number | null)[];
type Points = { time: string; values: MetricValues }[];

/** Totals of the greatest groups and, where there is an interval, their points. From the coarsest slices that serve. */
export async function readMetrics(
  reader: ProjectReader,
  kind: SliceKindName,
  question: MetricsQuestion,
): Promise<MetricsAnswer> {
  const { groupBy, limit } = question;
  const source = createSource(reader, kind, question, await readFoldedSlices(reader, kind, question));
  const { keys, values } = source;
  const ranking = [`${values[0]} DESC NULLS LAST`, ...keys].join(", ");
  // Without dimensions there is one group, whose points need not wait for its totals.
  const early = keys.length === 0 ? source.points("", [], {}) : undefined;
  early?.catch(() => undefined);
  const totals = await source.totals("", `ORDER BY ${ranking} LIMIT {limit:UInt32}`, { limit: limit + 1 });
  const kept = totals.slice(0, limit);
  const truncated = totals.length > limit;
  const among = amongGroups(keys, kept);

  const [points, other, previous] = await Promise.all([
    early ?? source.points(truncated ? among.inside : "", keys, among.params),
    truncated && question.other ? source.together(among.outside, among.params) : undefined,
    question.previous ? readPrevious(reader, kind, question, among) : undefined,
  ]);
  return {
    groups: kept.map((row) => {
      const key = keyOf(row, groupBy.length);
      return {
        key: Object.fromEntries(groupBy.map((dimension, i) => [dimension, String(row[i])])),
        totals: valuesOf(row, groupBy.length, question),
        points: points.get(key) ?? [],
        previous: previous === undefined ? undefined : previous(key),
      };
    }),
    truncated,
    other,
  };
}

/** The groups' totals and points in the stretch of the same length before. */
async function readPrevious(
  reader: ProjectReader,
  kind: SliceKindName,
  question: MetricsQuestion,
  { inside, params }: GroupSet,
): Promise<(key: string) => MetricsSeries> {
  const { from, to, groupBy } = question;
  const before = { ...question, from: from - (to - from), to: from };
  const source = createSource(reader, kind, before, await readFoldedSlices(reader, kind, before));
  const condition = source.keys.length === 0 ? "" : inside;
  const [rows, points] = await Promise.all([
    source.totals(condition, "", params),
    source.points(condition, source.keys, params),
  ]);
  const totals = new Map(rows.map((row) => [keyOf(row, groupBy.length), valuesOf(row, groupBy.length, question)]));
  const nothing = valuesOf(question.measures.map(emptyValue), 0, question);
  return (key) => ({ totals: totals.get(key) ?? nothing, points: points.get(key) ?? [] });
}

/** What a measure of no slices is. */
function emptyValue(measure: Measure): string | number | null {
  if (measureSql[measure].value === "money") return "0.000000000000";
  return isAdditive(measure) ? 0 : null;
}

interface GroupSet {
  readonly inside: string;
  readonly outside: string;
  readonly params: QueryParams;
}

/** Conditions of being in one of these groups, and in none of them. */
function amongGroups(keys: readonly string[], rows: readonly Row[]): GroupSet {
  const columns = keys.map((_, i) => `{group_${i}:Array(String)}`);
  const listed =
    columns.length === 1
      ? columns[0]!
      : `(SELECT ${columns.map((_, i) => `one.${i + 1}`).join(", ")} FROM (SELECT arrayJoin(arrayZip(${columns.join(", ")})) AS one))`;
  const key = `(${keys.join(", ")})`;
  return {
    inside: `AND ${key} IN ${listed}`,
    outside: `AND ${key} NOT IN ${listed}`,
    params: Object.fromEntries(keys.map((_, i) => [`group_${i}`, rows.map((row) => String(row[i]))])),
  };
}

/** Questions to the slices of a kind within the range, filters and grain of a question. */
function createSource(reader: ProjectReader, kind: SliceKindName, question: MetricsQuestion, folded: FoldedSlices) {
  const { measures, groupBy, filters, interval, timeZone, from, to } = question;
  const { start, grain, cutHours } = metricTime(interval, timeZone, from, to);
  const keys = groupBy.map((dimension) => `toString(s.${dimension})`);
  const values = measures.map((measure) => measureSql[measure].sql);
  const bound = {
    time_zone: timeZone,
    ...Object.fromEntries([...filters].map(([dimension, wanted]) => [`filter_${dimension}`, wanted])),
  };
  const conditions = [...filters.keys()].map(
    (dimension) => `toString(s.${dimension}) IN {filter_${dimension}:Array(String)}`,
  );
  const where = conditions.length === 0 ? "true" : conditions.join(" AND ");
  const needed = measures.flatMap((measure) =>
    measureSql[measure].needs.filter((column) => measureSql[measure].sql.includes(`s.${column}`)),
  );
  const columns = [...new Set([...groupBy, ...filters.keys(), ...needed])];
  const slices = (by: SliceGrain, cut?: ReadonlySet<number>) =>
    sliceSource(kind, columns, sliceCover({ from, to }, by, folded, cut));
  const grouped = (columns: readonly string[]) => (columns.length === 0 ? "" : `GROUP BY ${columns.join(", ")}`);

  return {
    keys,
    values,
    /** Of each group, a row: its keys, then the measures. */
    totals: (condition: string, order: string, params: QueryParams) =>
      reader.queryRows<Row>(
        `SELECT ${[...keys, ...values].join(", ")} FROM ${slices("day")} AS s WHERE ${where} ${condition}
         ${grouped(keys)} ${order}`,
        { ...bound, ...params },
      ),
    /** By group. */
    async points(condition: string, by: readonly string[], params: QueryParams): Promise<ReadonlyMap<string, Points>> {
      const found = new Map<string, Points>();
      if (start === "") return found;
      const rows = await reader.queryRows<readonly [string, ...Row]>(
        `SELECT ${[start, ...by, ...values].join(", ")} FROM ${slices(grain, cutHours)} AS s WHERE ${where} ${condition}
         ${grouped([start, ...by])} ORDER BY ${start}`,
        { ...bound, ...params },
      );
      for (const [time, ...row] of rows) {
        const key = keyOf(row, by.length);
        const point = { time, values: valuesOf(row, by.length, question) };
        const known = found.get(key);
        if (known) known.push(point);
        else found.set(key, [point]);
      }
      return found;
    },
    /** What is left, as if it were one group. */
    async together(condition: string, params: QueryParams): Promise<MetricsSeries> {
      const [[row], points] = await Promise.all([
        reader.queryRows<Row>(`SELECT ${values.join(", ")} FROM ${slices("day")} AS s WHERE ${where} ${condition}`, {
          ...bound,
          ...params,
        }),
        this.points(condition, [], params),
      ]);
      return { totals: valuesOf(row!, 0, question), points: points.get(keyOf([], 0)) ?? [] };
    },
  };
}

function keyOf(row: readonly unknown[], length: number): string {
  return JSON.stringify(row.slice(0, length));
}

/** `at`: how many keys stand before the measures. */
function valuesOf(row: Row, at: number, { measures }: MetricsQuestion): MetricValues {
  return Object.fromEntries(
    measures.map((measure, i) => {
      const value = row[at + i] ?? null;
      return [measure, value === null || measureSql[measure].value === "money" ? value : Number(value)];
    }),
  );
}
