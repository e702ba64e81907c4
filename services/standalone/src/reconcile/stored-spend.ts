import { type PicoDollars, parseDollars } from "@spanhouse/schemas/money";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import type { DayRange } from "./bill-source.ts";

/** Calls of one kind that have no exact cost. */
export interface CostlessCalls {
  readonly calls: number;
  /** What those of them may have cost whose tokens were counted in their texts. */
  readonly estimate: PicoDollars;
  /** Those without such an estimate. */
  readonly unestimated: number;
}

/** What is stored of a day, model, key and tier. */
export interface StoredSpend {
  /** 2026-10-31, by the end of the calls. */
  readonly day: string;
  readonly model: string;
  readonly key: string;
  readonly tier: string;
  readonly calls: number;
  /** Of calls with an exact price. */
  readonly pricedCalls: number;
  readonly cost: PicoDollars;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Streams that were broken off; failed tries that the provider may have answered; other calls without usage. */
  readonly aborted: CostlessCalls;
  readonly failed: CostlessCalls;
  readonly unknownUsage: CostlessCalls;
  /** Their usage is known, their price is not. */
  readonly unknownPrice: CostlessCalls;
  /** Cost of calls that ended on this day and began on another, and of those that began on this day and ended later. */
  readonly beganBefore: PicoDollars;
  readonly endedAfter: PicoDollars;
}

export interface StoredQuery {
  readonly days: DayRange;
  /** IANA: of the provider's days. */
  readonly timeZone: string;
  /** Undefined: all. */
  readonly project: string | undefined;
  /** Empty: all. */
  readonly providers: readonly string[];
}

const costless = "price_state IN ('unknown_usage', 'estimated')";
/** Refused before anything was computed: no provider charges for these. */
const unbilledErrors = "('rate_limit', 'authentication', 'invalid_request', 'content_policy')";
const kinds = {
  aborted: `${costless} AND outcome = 'aborted'`,
  failed: `${costless} AND outcome = 'error' AND error_class NOT IN ${unbilledErrors}`,
  unknown_usage: `${costless} AND outcome NOT IN ('aborted', 'error')`,
  unknown_price: "price_state = 'unknown_model'",
} as const;
type Kind = keyof typeof kinds;

type Row = Readonly<
  Record<
    | ("day" | "model" | "key" | "tier" | "calls" | "priced_calls" | "cost" | "input_tokens" | "output_tokens")
    | `${Kind}_${"calls" | "estimate" | "unestimated"}`,
    string
  >
>;

const named = `if(response_model = '', request_model, response_model) AS model, credential AS key, service_tier AS tier`;
const where = `({project:String} = '' OR project = {project:String}) AND (empty({providers:Array(String)}) OR provider IN {providers:Array(String)})`;

export async function readStoredSpend(clickhouse: ClickHouse, query: StoredQuery): Promise<readonly StoredSpend[]> {
  const { days, timeZone: zone, project = "", providers } = query;
  const params = { zone, project, providers: [...providers], from: days.from, to: days.to };
  const [bounds] = await clickhouse.query<{ start: number; stop: number }>(
    `SELECT toUnixTimestamp(toDateTime(toDate({from:String}), {zone:String})) AS start,
       toUnixTimestamp(toDateTime(toDate({to:String}), {zone:String})) AS stop`,
    params,
  );
  const { start, stop } = bounds!;
  const rows = await clickhouse.query<Row>(
    `SELECT toString(toDate(s.time, {zone:String})) AS day, ${named}, sum(s.calls) AS calls,
       sumIf(s.calls, price_state = 'priced') AS priced_calls, sum(s.cost) AS cost,
       sum(s.input_tokens) AS input_tokens, sum(s.output_tokens) AS output_tokens,
       ${Object.entries(kinds)
         .map(
           ([kind, condition]) => `sumIf(s.calls, ${condition}) AS ${kind}_calls,
       sumIf(s.estimated_cost, ${condition}) AS ${kind}_estimate,
       sumIf(s.calls, ${condition} AND price_state != 'estimated') AS ${kind}_unestimated`,
         )
         .join(",\n       ")}
     FROM spend(from = {start:UInt32}, to = {stop:UInt32}, grain = {grain:String}) AS s
     WHERE ${where} GROUP BY day, model, key, tier`,
    { ...params, start, stop, grain: zone === "UTC" ? "day" : "minute" },
  );
  const cuts = await clickhouse.query<Record<"day" | "began" | "model" | "key" | "tier" | "cut", string>>(
    `SELECT toString(toDate(end_time, {zone:String})) AS day, toString(toDate(start_time, {zone:String})) AS began,
       ${named}, sum(cost) AS cut FROM spans FINAL
     WHERE bucket >= toDateTime({start:UInt32}, 'UTC') AND bucket < toDateTime({stop:UInt32}, 'UTC') + INTERVAL 1 DAY AND ${where}
       AND day != began AND price_state = 'priced' AND NOT void AND NOT aggregate
     GROUP BY day, began, model, key, tier`,
    { ...params, start, stop },
    { settings: { do_not_merge_across_partitions_select_final: 1 } },
  );
  const cut = (row: Pick<Row, "model" | "key" | "tier">, side: (one: (typeof cuts)[number]) => boolean) =>
    cuts
      .filter((one) => one.model === row.model && one.key === row.key && one.tier === row.tier && side(one))
      .reduce((sum, one) => sum + parseDollars(one.cut), 0n);
  const known = new Set(rows.map(({ day, model, key, tier }) => JSON.stringify([day, model, key, tier])));
  const bare = cuts
    .filter(
      ({ began, model, key, tier }) =>
        began >= days.from && began < days.to && !known.has(JSON.stringify([began, model, key, tier])),
    )
    .map(({ began, model, key, tier }) => ({ ...nothing, day: began, model, key, tier }));
  return [...rows, ...new Map(bare.map((row) => [JSON.stringify(row), row])).values()].map((row) => ({
    ...{ day: row.day, model: row.model, key: row.key, tier: row.tier },
    ...{ calls: Number(row.calls), pricedCalls: Number(row.priced_calls), cost: parseDollars(row.cost) },
    ...{ inputTokens: Number(row.input_tokens), outputTokens: Number(row.output_tokens) },
    ...{ aborted: callsOf(row, "aborted"), failed: callsOf(row, "failed") },
    ...{ unknownUsage: callsOf(row, "unknown_usage"), unknownPrice: callsOf(row, "unknown_price") },
    beganBefore: cut(row, ({ day }) => day === row.day),
    endedAfter: cut(row, ({ began }) => began === row.day),
  }));
}

function callsOf(row: Row, kind: Kind): CostlessCalls {
  return {
    calls: Number(row[`${kind}_calls`]),
    estimate: parseDollars(row[`${kind}_estimate`]),
    unestimated: Number(row[`${kind}_unestimated`]),
  };
}

/** A day of which nothing is stored but the beginning of calls. */
const nothing = Object.fromEntries(
  [
    ...["day", "model", "key", "tier", "calls", "priced_calls", "cost", "input_tokens", "output_tokens"],
    ...Object.keys(kinds).flatMap((kind) => [`${kind}_calls`, `${kind}_estimate`, `${kind}_unestimated`]),
  ].map((column) => [column, "0"]),
) as Row;
