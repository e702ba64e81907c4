import type { ClickHouse } from "../clickhouse.ts";
import { stringLiteral } from "../sql-literal.ts";

/** What one run of a gateway let in. */
export interface GatewayUsage {
  readonly project: string;
  /** `YYYY-MM-01`. */
  readonly month: string;
  readonly gateway: string;
  /** Ids of traces that were not reported yet; one reported twice counts once. */
  readonly traces: readonly string[];
  /** In the month, by this run. */
  readonly spans: number;
  readonly bytes: number;
}

/** What all gateways let in, in one month. */
export interface ProjectUsage {
  readonly traces: number;
  readonly spans: number;
  readonly bytes: number;
  /** Runs that let something of the project in lately. */
  readonly gateways: number;
}

/** Every method throws what ClickHouse throws when it does not answer; any of them may be repeated. */
export interface QuotaUsage {
  report(usages: readonly GatewayUsage[]): Promise<void>;
  /** By project. */
  read(month: string): Promise<ReadonlyMap<string, ProjectUsage>>;
}

/** So many ids stand in one statement: below the server's usual limit of its length. */
const idsAtOnce = 4_000;
/** A gateway that let nothing in for so long does not share the project's rates. */
const lately = "INTERVAL 15 SECOND";

export function createQuotaUsage(clickhouse: ClickHouse): QuotaUsage {
  async function insert(usage: GatewayUsage, ids: readonly string[]): Promise<void> {
    const { project, month, gateway, spans, bytes } = usage;
    const list = ids.length === 0 ? "CAST([], 'Array(String)')" : `[${ids.map(stringLiteral).join(",")}]`;
    await clickhouse.command(
      `INSERT INTO quota_usage (project, month, gateway, traces, spans, bytes, seen_at)
       SELECT {project:String}, {month:Date}, {gateway:String}, arrayReduce('uniqCombined64State', ${list}),
         {spans:UInt64}, {bytes:UInt64}, now64(3)`,
      { project, month, gateway, spans, bytes },
    );
  }

  return {
    async report(usages) {
      for (const usage of usages) {
        for (let at = 0; at === 0 || at < usage.traces.length; at += idsAtOnce) {
          await insert(usage, usage.traces.slice(at, at + idsAtOnce));
        }
      }
    },

    async read(month) {
      const rows = await clickhouse.queryRows<[string, string, string, string, string]>(
        `SELECT project, uniqCombined64Merge(traces), sum(spans), sum(bytes), countIf(seen_at > now64(3) - ${lately})
         FROM (
           SELECT project, gateway, uniqCombined64MergeState(traces) AS traces, max(spans) AS spans, max(bytes) AS bytes,
             max(quota_usage.seen_at) AS seen_at
           FROM quota_usage WHERE month = {month:Date} GROUP BY project, gateway
         )
         GROUP BY project`,
        { month },
      );
      return new Map(
        rows.map(([project, traces, spans, bytes, gateways]) => [
          project,
          { traces: Number(traces), spans: Number(spans), bytes: Number(bytes), gateways: Number(gateways) },
        ]),
      );
    },
  };
}
