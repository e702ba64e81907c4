import type { PicoDollars } from "@spanhouse/schemas/money";
import { parseDollars } from "@spanhouse/schemas/money";
import type { ClickHouse } from "./clickhouse.ts";
import { RowBinaryWriter } from "./row-binary.ts";

/** Who is charged for what. */
export interface ChargedTo {
  readonly team: string;
  readonly costCentre: string;
  readonly feature: string;
  readonly provider: string;
  /** As answered, else as asked for. */
  readonly model: string;
}

/** Figures of calls that count; in an adjustment, differences. */
export interface ChargedFigures {
  readonly calls: number;
  /** Of `calls`: their usage or model is unknown, so that they cost nothing here. */
  readonly unpricedCalls: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly cost: PicoDollars;
  readonly estimatedCost: PicoDollars;
}

export type ChargeLine = ChargedTo & ChargedFigures;

/** A month, half-open, Unix s. */
export interface ClosedPeriod {
  readonly timeZone: string;
  readonly from: number;
  readonly to: number;
}

/** One entry of a month's statement. */
export interface StatementEntry extends ClosedPeriod {
  readonly project: string;
  /** 2026-10. */
  readonly month: string;
  /** 0: the closing; then its adjustments. */
  readonly entry: number;
  /** A UUID. */
  readonly id: string;
  /** ISO 4217, and how much of it one dollar was on a day (2026-10-31). Lines are dollars all the same. */
  readonly currency: string;
  readonly rate: string;
  readonly rateDate: string;
  readonly closedBy: string;
  /** RFC 3339, by the server; given when stored. */
  readonly closedAt: string;
}

/** Statements of closed months: entries are appended, nothing is changed. */
export interface Chargebacks {
  /** The bounds of a month in a time zone. */
  periodOf(month: string, timeZone: string): Promise<ClosedPeriod>;
  /** What the month comes to now, by the rollups. */
  present(project: string, period: ClosedPeriod): Promise<readonly ChargeLine[]>;
  /** Of a month, or of all: the closing first. */
  entries(project: string, month?: string): Promise<readonly StatementEntry[]>;
  lines(entry: StatementEntry): Promise<readonly ChargeLine[]>;
  /** Exists as a whole when it resolves, or not at all. */
  append(entry: Omit<StatementEntry, "closedAt">, lines: readonly ChargeLine[]): Promise<void>;
}

const counts = {
  calls: "calls",
  unpriced_calls: "unpricedCalls",
  input_tokens: "inputTokens",
  cache_read_tokens: "cacheReadTokens",
  cache_write_tokens: "cacheWriteTokens",
  output_tokens: "outputTokens",
} as const;

type LineRow = Readonly<Record<"team" | "cost_centre" | "feature" | "provider" | "model", string>> &
  Readonly<Record<keyof typeof counts | "cost" | "estimated_cost", string>>;

const owners = "team, cost_centre, feature, provider, model";
const lineColumns = ["project", "id", ...owners.split(", "), ...Object.keys(counts), "cost", "estimated_cost"];

export function createChargebacks(clickhouse: ClickHouse): Chargebacks {
  return {
    async periodOf(month, timeZone) {
      const first = `toDate({month:String})`;
      const [row] = await clickhouse.query<{ from: number; to: number }>(
        `SELECT toUnixTimestamp(toDateTime(${first}, {zone:String})) AS from,
           toUnixTimestamp(toDateTime(addMonths(${first}, 1), {zone:String})) AS to`,
        { month: `${month}-01`, zone: timeZone },
      );
      return { timeZone, ...row! };
    },

    async present(project, { from, to }) {
      const rows = await clickhouse.query<LineRow>(
        `SELECT team, cost_centre, feature, provider, if(response_model = '', request_model, response_model) AS model,
           ${Object.keys(counts)
             .map((column) =>
               column === "unpriced_calls"
                 ? `sumIf(s.calls, price_state IN ('unknown_usage', 'unknown_model')) AS ${column}`
                 : `sum(s.${column}) AS ${column}`,
             )
             .join(", ")}, sum(s.cost) AS cost, sum(s.estimated_cost) AS estimated_cost
         FROM spend(from = {from:UInt32}, to = {to:UInt32}, grain = 'day') AS s WHERE project = {project:String}
         GROUP BY ${owners} ORDER BY ${owners}`,
        { project, from, to },
      );
      return rows.map(lineOf);
    },

    async entries(project, month = "") {
      return clickhouse.query<StatementEntry>(
        `SELECT project, month, entry, id, time_zone AS timeZone, toUnixTimestamp(from_time) AS from,
           toUnixTimestamp(to_time) AS to, currency, toString(rate) AS rate, rate_date AS rateDate, closed_by AS closedBy,
           formatDateTime(closed_at, '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS closedAt
         FROM statements WHERE project = {project:String} AND ({month:String} = '' OR month = {month:String})
         ORDER BY month, entry, id LIMIT 1 BY month, entry`,
        { project, month },
      );
    },

    async lines({ id }) {
      const rows = await clickhouse.query<LineRow>(
        `SELECT * EXCEPT (project, id) FROM statement_lines WHERE id = {id:String} ORDER BY ${owners}`,
        { id },
      );
      return rows.map(lineOf);
    },

    async append(entry, lines) {
      if (lines.length > 0) {
        const body = new RowBinaryWriter();
        for (const line of lines) {
          const { team, costCentre, feature, provider, model } = line;
          for (const text of [entry.project, entry.id, team, costCentre, feature, provider, model]) body.string(text);
          for (const field of Object.values(counts)) body.int64(BigInt(line[field]));
          body.decimal128(line.cost);
          body.decimal128(line.estimatedCost);
        }
        await clickhouse.insert("statement_lines", lineColumns, body.bytes());
      }
      const { project, month, id, timeZone, from, to, currency, rate, rateDate, closedBy } = entry;
      await clickhouse.command(
        `INSERT INTO statements (project, month, entry, id, time_zone, from_time, to_time, currency, rate, rate_date, closed_by)
         SELECT {project:String}, {month:String}, {entry:UInt16}, {id:String}, {timeZone:String}, toDateTime({from:UInt32}, 'UTC'),
           toDateTime({to:UInt32}, 'UTC'), {currency:String}, toDecimal64({rate:String}, 12), {rateDate:String}, {closedBy:String}`,
        { ...{ project, month, entry: entry.entry, id, timeZone, from, to, currency, rate, rateDate, closedBy } },
      );
    },
  };
}

function lineOf(row: LineRow): ChargeLine {
  const { team, cost_centre: costCentre, feature, provider, model } = row;
  const figures = Object.entries(counts).map(([column, field]) => [field, Number(row[column as keyof typeof counts])]);
  return {
    ...{ team, costCentre, feature, provider, model },
    ...(Object.fromEntries(figures) as Record<(typeof counts)[keyof typeof counts], number>),
    cost: parseDollars(row.cost),
    estimatedCost: parseDollars(row.estimated_cost),
  };
}
