import { quarantineBucket } from "@spanhouse/schemas/bucket";
import { laneOf } from "@spanhouse/schemas/lane";
import type { PicoDollars } from "@spanhouse/schemas/money";
import { parseDollars } from "@spanhouse/schemas/money";
import type { ErrorClass, Outcome, Refusal } from "@spanhouse/schemas/outcome";
import type { Family, PriceState, Role, UsageState } from "@spanhouse/schemas/span";
import type { ClickHouse } from "../clickhouse.ts";
import { type FrozenUntil, isFrozen } from "../projects.ts";
import type { TraceBucket } from "../spans/span-writer.ts";
import { bucketLiteral, fixedStringLiteral, stringLiteral } from "../sql-literal.ts";
import type { TraceKey } from "./trace-key.ts";
import type { TraceRow } from "./trace-row.ts";
import { tracesCondition } from "./traces-condition.ts";

/** A trace as the store has it now. */
export interface StoredTrace extends TraceKey {
  readonly rows: readonly TraceRow[];
  /** Of the trace's buckets other than the greatest, those that have their tombstone in `traces`. */
  readonly tombstones: ReadonlySet<number>;
  /** The first minute at which it ever had a span, though that may be dropped since; Infinity: only `rows` say. */
  readonly earliest: number;
}

export interface TraceReader {
  /** All rows of each trace: of every bucket, the greatest version of each span id. Sees every write acknowledged before. */
  read(traces: readonly TraceKey[]): Promise<StoredTrace[]>;
  /** The minutes at which each of the traces has spans, or is about to have. */
  places(traces: readonly TraceKey[]): Promise<TraceBucket[]>;
  /** Those of the traces that somebody other than `writer` has written rows of, or is about to. */
  writtenByOthers(traces: readonly TraceKey[], writer: bigint): Promise<TraceKey[]>;
  /** The traces that have a row written at or after a time (Unix seconds, by the server's clock). */
  writtenSince(seconds: number): Promise<TraceKey[]>;
}

/** A query names at most this many traces, so that its text and its answer stay bounded. */
const tracesPerQuery = 2000;
/** And this many of their buckets: a single trace may have a span in every minute of years. */
const bucketsPerQuery = 20_000;

const readFinal = { do_not_merge_across_partitions_select_final: 1 } as const;

export function createTraceReader(clickhouse: ClickHouse): TraceReader {
  async function readChunk(traces: readonly TraceKey[]): Promise<StoredTrace[]> {
    const buckets = await bucketsOf(traces);
    if (buckets.length === 0) return [];
    const found = new Map<string, StoredTrace & { rows: TraceRow[]; tombstones: Set<number> }>();
    const earliest = new Map<string, number>();
    for (const { project, traceId, bucket } of buckets) {
      const key = `${traceId} ${project}`;
      if (bucket !== quarantineBucket) earliest.set(key, Math.min(bucket, earliest.get(key) ?? bucket));
    }
    for (let i = 0; i < buckets.length; i += bucketsPerQuery) {
      const some = buckets.slice(i, i + bucketsPerQuery);
      const [rows, tombstones] = await Promise.all([rowsOf(some), tombstonesOf(some)]);
      for (const row of rows) {
        const [project, traceId] = row;
        const key = `${traceId} ${project}`;
        const trace = found.get(key);
        if (trace) trace.rows.push(traceRow(row));
        else {
          const first = earliest.get(key) ?? Number.POSITIVE_INFINITY;
          found.set(key, { project, traceId, rows: [traceRow(row)], tombstones: new Set(), earliest: first });
        }
      }
      for (const [project, traceId, bucket] of tombstones) found.get(`${traceId} ${project}`)?.tombstones.add(bucket);
    }
    return [...found.values()];
  }

  async function bucketsOf(traces: readonly TraceKey[]): Promise<TraceBucket[]> {
    const rows = await clickhouse.queryRows<[string, string, number]>(
      `SELECT DISTINCT project, lower(hex(trace_id)), toUInt32(intDiv(toUnixTimestamp(bucket), 60)) FROM trace_buckets
       WHERE ${tracesCondition(traces)}`,
    );
    return rows.map(([project, traceId, bucket]) => ({ project, traceId, bucket }));
  }

  function rowsOf(buckets: readonly TraceBucket[]): Promise<RowTuple[]> {
    const keys = buckets.map(
      ({ project, traceId, bucket }) =>
        `(${stringLiteral(project)}, ${bucketLiteral(bucket)}, ${laneOf(traceId)}, ${fixedStringLiteral(traceId)})`,
    );
    return clickhouse.queryRows<RowTuple>(
      `SELECT ${selected} FROM spans FINAL WHERE (project, bucket, lane, trace_id) IN (${keys.join(", ")})`,
      {},
      { settings: readFinal },
    );
  }

  function tombstonesOf(buckets: readonly TraceBucket[]): Promise<[string, string, number][]> {
    const keys = buckets.map(
      ({ project, traceId, bucket }) =>
        `(${stringLiteral(project)}, ${bucketLiteral(bucket)}, ${fixedStringLiteral(traceId)})`,
    );
    return clickhouse.queryRows<[string, string, number]>(
      `SELECT project, lower(hex(trace_id)), toUInt32(intDiv(toUnixTimestamp(bucket), 60)) FROM traces
       WHERE NOT live AND (project, bucket, trace_id) IN (${keys.join(", ")})`,
    );
  }

  return {
    async read(traces) {
      const found: StoredTrace[] = [];
      for (let i = 0; i < traces.length; i += tracesPerQuery) {
        found.push(...(await readChunk(traces.slice(i, i + tracesPerQuery))));
      }
      return found;
    },
    async places(traces) {
      const found: TraceBucket[] = [];
      for (let i = 0; i < traces.length; i += tracesPerQuery) {
        found.push(...(await bucketsOf(traces.slice(i, i + tracesPerQuery))));
      }
      return found;
    },
    async writtenByOthers(traces, writer) {
      const found: TraceKey[] = [];
      for (let i = 0; i < traces.length; i += tracesPerQuery) {
        const rows = await clickhouse.queryRows<[string, string]>(
          `SELECT DISTINCT project, lower(hex(trace_id)) FROM trace_buckets
           WHERE writer != ${writer} AND (${tracesCondition(traces.slice(i, i + tracesPerQuery))})`,
        );
        for (const [project, traceId] of rows) found.push({ project, traceId });
      }
      return found;
    },
    async writtenSince(seconds) {
      const rows = await clickhouse.queryRows<[string, string]>(
        "SELECT DISTINCT project, lower(hex(trace_id)) FROM spans WHERE written_at >= toDateTime({seconds:UInt32}, 'UTC')",
        { seconds: Math.max(0, Math.floor(seconds)) },
      );
      return rows.map(([project, traceId]) => ({ project, traceId }));
    },
  };
}

/** Whether the trace began below its project's line: rows of it may be gone, so that it is summed up no more. */
export function beganFrozen({ project, rows, earliest }: StoredTrace, frozenUntil: FrozenUntil): boolean {
  return earliest * 60 < frozenUntil(project) || rows.some(({ bucket }) => isFrozen(frozenUntil, { project, bucket }));
}

/** What is selected, in the order of `RowTuple`. 64-bit integers and decimals come as strings. */
const selected = [
  ...["project", "lower(hex(trace_id))", "toUInt32(intDiv(toUnixTimestamp(bucket), 60))", "lower(hex(span_id))"],
  ...["if(parent_span_id = toFixedString('', 8), '', lower(hex(parent_span_id)))", "version"],
  ...["role", "family", "operation", "usage_state", "input_tokens", "cache_read_tokens", "cache_write_tokens"],
  ...["output_tokens", "reasoning_tokens", "cost", "estimated_cost", "cache_savings", "price_state"],
  ...["response_id", "request_model", "response_model", "provider", "name", "service", "environment", "user_id"],
  ...["conversation_id", "tags", "toUnixTimestamp64Nano(start_time)", "toUnixTimestamp64Nano(end_time)"],
  ...["outcome", "refusal", "error_class", "attempt > 1", "tool_name", "feature", "message", "flags"],
  ...["release", "team", "prompt"],
].join(", ");

type RowTuple = [
  ...[project: string, traceId: string, bucket: number, spanId: string, parentSpanId: string, version: string],
  ...[role: string, family: string, operation: string, usageState: string],
  ...[input: string, cacheRead: string, cacheWrite: string, output: string, reasoning: string],
  ...[cost: string, estimatedCost: string, cacheSavings: string, priceState: string],
  ...[responseId: string, requestModel: string, responseModel: string, provider: string, name: string],
  ...[service: string, environment: string, userId: string, conversationId: string, tags: string[]],
  ...[startTime: string, endTime: string, outcome: string, refusal: string, errorClass: string, isRetry: number],
  ...[toolName: string, feature: string, message: string, flags: number],
  ...[release: string, team: string, prompt: string],
];

function traceRow(tuple: RowTuple): TraceRow {
  const [, , bucket, spanId, parentSpanId, version, role, family, operation, usageState, ...rest] = tuple;
  const [input, cacheRead, cacheWrite, output, reasoning, cost, estimatedCost, cacheSavings, ...afterMoney] = rest;
  const [priceState, responseId, requestModel, responseModel, provider, name, service, environment, ...own] =
    afterMoney;
  const [userId, conversationId, tags, startTime, endTime, outcome, refusal, errorClass, isRetry, ...last] = own;
  const [toolName, feature, message, flags, release, team, prompt] = last;
  return {
    bucket,
    spanId,
    parentSpanId,
    version: BigInt(version),
    role: role as Role,
    family: family as Family,
    operation,
    usageState: usageState as UsageState,
    inputTokens: Number(input),
    cacheReadTokens: Number(cacheRead),
    cacheWriteTokens: Number(cacheWrite),
    outputTokens: Number(output),
    reasoningTokens: Number(reasoning),
    cost: dollars(cost),
    estimatedCost: dollars(estimatedCost),
    cacheSavings: dollars(cacheSavings),
    priceState: priceState as PriceState,
    responseId,
    requestModel,
    responseModel,
    provider,
    name,
    service,
    environment,
    userId,
    conversationId,
    tags,
    startTime: BigInt(startTime),
    endTime: BigInt(endTime),
    outcome: outcome as Outcome,
    refusal: refusal as Refusal,
    errorClass: errorClass as ErrorClass,
    isRetry: isRetry === 1,
    toolName,
    feature,
    message,
    flags,
    release,
    team,
    prompt,
  };
}

function dollars(decimal: string): PicoDollars {
  return decimal === "0" ? 0n : parseDollars(decimal);
}
