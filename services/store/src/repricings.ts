import { formatDollars, type PicoDollars } from "@spanhouse/schemas/money";
import type { ClickHouse } from "./clickhouse.ts";

/** One restamping of stored rows, as the audit has it. */
export interface RepricingRun {
  /** A UUID. */
  readonly run: string;
  /** The activation number of what it prices by. */
  readonly number: number;
  readonly changedBy: string;
  readonly reason: string;
}

/** What a run changed: of rows that count, void ones and aggregates left out. */
export interface RepricingTotals {
  readonly rows: number;
  readonly costChange: PicoDollars;
  readonly estimatedCostChange: PicoDollars;
}

export interface Repricings {
  begin(run: RepricingRun): Promise<void>;
  end(run: RepricingRun, totals: RepricingTotals): Promise<void>;
  /** Whether some run under this number has begun and not ended: what it restamped may not be summed up. */
  anyUnfinished(number: number): Promise<boolean>;
}

export function createRepricings(clickhouse: ClickHouse): Repricings {
  async function append(event: "begun" | "ended", run: RepricingRun, totals: RepricingTotals): Promise<void> {
    await clickhouse.command(
      `INSERT INTO repricings (run, number, event, changed_by, reason, rows, cost_change, estimated_cost_change)
       VALUES ({run:UUID}, {number:UInt16}, {event:String}, {changedBy:String}, {reason:String}, {rows:UInt64},
         {cost:Decimal(38, 12)}, {estimated:Decimal(38, 12)})`,
      {
        ...run,
        event,
        rows: totals.rows,
        cost: formatDollars(totals.costChange),
        estimated: formatDollars(totals.estimatedCostChange),
      },
    );
  }

  return {
    begin: (run) => append("begun", run, { rows: 0, costChange: 0n, estimatedCostChange: 0n }),
    end: (run, totals) => append("ended", run, totals),
    async anyUnfinished(number) {
      const rows = await clickhouse.query(
        `SELECT run FROM repricings WHERE number = {number:UInt16}
         GROUP BY run HAVING countIf(event = 'ended') = 0 LIMIT 1`,
        { number },
      );
      return rows.length > 0;
    },
  };
}
