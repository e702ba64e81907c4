import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { type TallyName, tallies } from "../ledger/measures.ts";
import { picoDollars } from "./pico-dollars.ts";

/** A place where the store keeps what a tally of the ledger says, and how to ask it there. */
export interface StoredPlace {
  readonly name: string;
  readonly tally: TallyName;
  readonly dimensions: readonly string[];
  /** Sums by `dimension\tproject value`, in the order of the tally's measures. */
  read(clickhouse: ClickHouse, range: Range): Promise<ReadonlyMap<string, readonly string[]>>;
}

export interface Range {
  readonly projects: readonly string[];
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
}

type Expressions = Readonly<Record<string, string>>;

interface PlaceShape {
  readonly name: string;
  readonly tally: TallyName;
  readonly source: (range: Range) => string;
  /** The column that tells the time. */
  readonly time: string;
  readonly where?: string;
  /** Where a dimension or measure is not the column of its name, or its sum. */
  readonly dimensions?: Expressions;
  readonly measures?: Expressions;
  /** Dimensions that this place is too coarse for. */
  readonly without?: readonly string[];
}

const rowsOf = (table: string) => () => `${table} FINAL`;
const counted = "NOT void AND NOT aggregate";

/** The rows themselves, then every view at every grain. */
export const storedPlaces: readonly StoredPlace[] = [
  place({
    name: "spans",
    tally: "spans",
    source: rowsOf("spans"),
    time: "bucket",
    measures: { rows: "count()", void: "countIf(void)", aggregates: "countIf(aggregate AND NOT void)" },
  }),
  place({
    name: "span_payloads",
    tally: "payloads",
    source: rowsOf("span_payloads"),
    time: "bucket",
    measures: {
      rows: "count()",
      ...Object.fromEntries(tallies.payloads.measures.slice(1).map((text) => [text, `sum(length(${text}))`])),
    },
  }),
  place({
    name: "spans as spend",
    tally: "spend",
    source: rowsOf("spans"),
    time: "bucket",
    where: `${counted} AND (role = 'model' OR usage_state != 'none')`,
    dimensions: { is_retry: "if(attempt > 1, 'true', 'false')" },
    measures: {
      calls: "countIf(role = 'model')",
      wasted_cost: "sumIf(cost, outcome IN ('error', 'aborted', 'truncated'))",
    },
  }),
  ...(["spend", "usage", "latency", "tools"] as const).flatMap((view) => [
    placeOfView(view, "minute", []),
    placeOfView(view, "hour", ["minute"]),
    placeOfView(view, "day", ["minute", "hour"]),
  ]),
];

function placeOfView(view: TallyName, grain: string, without: readonly string[]): StoredPlace {
  return place({
    name: `${view}(${grain})`,
    tally: view,
    source: ({ from, to }) =>
      `${view}(from = toDateTime(${from}, 'UTC'), to = toDateTime(${to}, 'UTC'), grain = '${grain}')`,
    time: "time",
    without,
  });
}

const money: ReadonlySet<string> = new Set(["cost", "estimated_cost", "cache_savings", "wasted_cost"]);

function place(shape: PlaceShape): StoredPlace {
  const { name, tally, source, time, where = "1", without = [] } = shape;
  const dimensions = tallies[tally].dimensions.filter((dimension) => !without.includes(dimension));
  const measures: readonly string[] = tallies[tally].measures;
  const times: Expressions = {
    minute: `formatDateTime(${time}, '%Y-%m-%dT%H:%i', 'UTC')`,
    hour: `formatDateTime(${time}, '%Y-%m-%dT%H', 'UTC')`,
    day: `formatDateTime(${time}, '%Y-%m-%d', 'UTC')`,
  };
  const valueSql = (dimension: string) =>
    dimension === "project"
      ? "toString(project)"
      : `concat(project, ' ', ${times[dimension] ?? shape.dimensions?.[dimension] ?? `toString(${dimension})`})`;
  const sums = measures.map((measure) => `toString(${shape.measures?.[measure] ?? `sum(${measure})`})`);

  return {
    name,
    tally,
    dimensions,
    async read(clickhouse, range) {
      const rows = await clickhouse.queryRows<readonly [string, string, ...string[]]>(
        `SELECT by.1 AS dimension, by.2 AS value, ${sums.join(", ")}
         FROM ${source(range)}
         ARRAY JOIN [${dimensions.map((dimension) => `('${dimension}', ${valueSql(dimension)})`).join(", ")}] AS by
         WHERE project IN {projects: Array(String)} AND ${where}
         GROUP BY dimension, value`,
        { projects: range.projects },
      );
      return new Map(
        rows.map(([dimension, value, ...texts]) => [
          `${dimension}\t${value}`,
          texts.map((text, i) => (money.has(measures[i]!) ? picoDollars(text) : text)),
        ]),
      );
    },
  };
}
