import { parseDollars } from "@spanhouse/schemas/money";
import type { EstimatedUsage, Price, PriceState, Usage, UsageState } from "@spanhouse/schemas/span";
import type { ClickHouse } from "../clickhouse.ts";
import { type CheckedRange, rangeCondition } from "../slices/slice-check.ts";
import { isAggregate, isVoid, type Marks } from "../version.ts";

/** A row of `spans` with all that owners and price are made of, and what once was made of it. */
export interface ValuedRow extends Marks {
  readonly project: string;
  /** Minutes since the epoch. */
  readonly bucket: number;
  readonly lane: number;
  /** Lowercase hex. */
  readonly traceId: string;
  readonly spanId: string;
  readonly version: bigint;
  readonly provider: string;
  readonly requestModel: string;
  readonly responseModel: string;
  readonly serviceTier: string;
  readonly environment: string;
  readonly service: string;
  readonly release: string;
  readonly region: string;
  readonly team: string;
  readonly costCentre: string;
  readonly feature: string;
  readonly prompt: string;
  readonly credential: string;
  /** Bits of `mappedOwnership`. */
  readonly mappedOwnership: number;
  readonly usageState: UsageState;
  readonly usage: Usage;
  readonly estimatedUsage?: EstimatedUsage;
  /** Unix nanoseconds. */
  readonly startTime: bigint;
  readonly endTime: bigint;
  readonly price: Pick<Price, "state" | "cost" | "estimatedCost">;
}

/** Which rows: those that may be restamped, of a range. */
export interface ValuedRange extends CheckedRange {
  readonly frozen: ReadonlyMap<string, number>;
  /** Only rows under a lower activation number of prices; undefined: all. */
  readonly belowPrice?: number;
}

/** Rows that are read at once, unless a single minute has more. */
const rowsAtOnce = 20_000;

const readFinal = { do_not_merge_across_partitions_select_final: 1 } as const;

/** The rows of the range as they now stand, at most a few minutes of them at once, oldest first. */
export async function* valuedRows(clickhouse: ClickHouse, range: ValuedRange): AsyncGenerator<readonly ValuedRow[]> {
  for (const { from, to } of await piecesOf(clickhouse, range)) {
    const tuples = await clickhouse.queryRows<RowTuple>(
      `SELECT ${selected} FROM spans FINAL WHERE ${conditionOf({ ...range, from, to })}`,
      {},
      { settings: readFinal },
    );
    if (tuples.length > 0) yield tuples.map(valuedRow);
  }
}

/** How many rows of the range there are. */
export async function countValued(clickhouse: ClickHouse, range: ValuedRange): Promise<number> {
  const [row] = await clickhouse.queryRows<[string]>(
    `SELECT count() FROM spans FINAL WHERE ${conditionOf(range)}`,
    {},
    { settings: readFinal },
  );
  return Number(row![0]);
}

async function piecesOf(
  clickhouse: ClickHouse,
  range: ValuedRange,
): Promise<readonly { readonly from: number; readonly to: number }[]> {
  const minutes = await clickhouse.queryRows<[number, string]>(
    `SELECT toUInt32(intDiv(toUnixTimestamp(bucket), 60)) AS minute, count() FROM spans FINAL
     WHERE ${conditionOf(range)} GROUP BY minute ORDER BY minute`,
    {},
    { settings: readFinal },
  );
  const pieces: { from: number; to: number; rows: number }[] = [];
  for (const [minute, count] of minutes) {
    const last = pieces.at(-1);
    if (last && last.rows + Number(count) <= rowsAtOnce) {
      last.to = minute + 1;
      last.rows += Number(count);
    } else {
      pieces.push({ from: minute, to: minute + 1, rows: Number(count) });
    }
  }
  return pieces;
}

const greatestPrice = 0x3fff;

function conditionOf(range: ValuedRange): string {
  const conditions = [rangeCondition(range)];
  if (range.belowPrice !== undefined) conditions.push(`bitAnd(version, ${greatestPrice}) < ${range.belowPrice}`);
  return conditions.join(" AND ");
}

/** In the order of `RowTuple`. */
const selected = [
  ...[
    "project",
    "toUInt32(intDiv(toUnixTimestamp(bucket), 60))",
    "lane",
    "lower(hex(trace_id))",
    "lower(hex(span_id))",
  ],
  ...["version", "provider", "request_model", "response_model", "service_tier"],
  ...["environment", "service", "release", "region", "team", "cost_centre", "feature", "prompt", "credential"],
  ...["mapped_ownership", "usage_state", "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens"],
  ...["reasoning_tokens", "units", "estimated_input_tokens", "estimated_output_tokens"],
  ...["toUnixTimestamp64Nano(start_time)", "toUnixTimestamp64Nano(end_time)"],
  ...["price_state", "cost", "estimated_cost"],
].join(", ");

type RowTuple = [
  ...[project: string, bucket: number, lane: number, traceId: string, spanId: string, version: string],
  ...[provider: string, requestModel: string, responseModel: string, serviceTier: string],
  ...[environment: string, service: string, release: string, region: string, team: string, costCentre: string],
  ...[feature: string, prompt: string, credential: string, mapped: number, usageState: string],
  ...[input: string, cacheRead: string, cacheWrite: string, output: string, reasoning: string],
  ...[units: Readonly<Record<string, string>>, estimatedInput: string, estimatedOutput: string],
  ...[startTime: string, endTime: string, priceState: string, cost: string, estimatedCost: string],
];

function valuedRow(tuple: RowTuple): ValuedRow {
  const [project, bucket, lane, traceId, spanId, version, ...call] = tuple;
  const [provider, requestModel, responseModel, serviceTier, ...owned] = call;
  const [environment, service, release, region, team, costCentre, feature, prompt, credential, ...used] = owned;
  const [mappedOwnership, usageState, input, cacheRead, cacheWrite, output, reasoning, units, ...rest] = used;
  const [estimatedInput, estimatedOutput, startTime, endTime, priceState, cost, estimatedCost] = rest;
  return {
    ...{ project, bucket, lane, traceId, spanId, version: BigInt(version) },
    ...{ void: isVoid(BigInt(version)), aggregate: isAggregate(BigInt(version)) },
    ...{ provider, requestModel, responseModel, serviceTier },
    ...{ environment, service, release, region, team, costCentre, feature, prompt, credential, mappedOwnership },
    usageState: usageState as UsageState,
    usage: {
      inputTokens: Number(input),
      cacheReadTokens: Number(cacheRead),
      cacheWriteTokens: Number(cacheWrite),
      outputTokens: Number(output),
      reasoningTokens: Number(reasoning),
      units: Object.fromEntries(Object.entries(units).map(([unit, count]) => [unit, Number(count)])),
    },
    ...(usageState === "estimated" && {
      estimatedUsage: { inputTokens: Number(estimatedInput), outputTokens: Number(estimatedOutput) },
    }),
    ...{ startTime: BigInt(startTime), endTime: BigInt(endTime) },
    price: {
      state: priceState as PriceState,
      cost: parseDollars(cost),
      estimatedCost: parseDollars(estimatedCost),
    },
  };
}
