import { bucketOf } from "@spanhouse/schemas/bucket";
import { laneOf } from "@spanhouse/schemas/lane";
import type { ClickHouse } from "../../src/clickhouse.ts";
import { stringLiteral } from "../../src/sql-literal.ts";

/** Bytes given as hex digits. */
export interface Hex {
  readonly hex: string;
}

export type Value = string | number | bigint | boolean | Hex | readonly Value[] | { readonly sql: string };

/** A span as a test tells it: what is left out is as in the column's default. */
export interface TestSpan {
  readonly project: string;
  readonly traceId: string;
  readonly spanId: string;
  /** A root without. */
  readonly parentSpanId?: string;
  /** Unix ns. */
  readonly start: bigint;
  readonly end: bigint;
  readonly version?: bigint;
  /** Further columns of `spans`. */
  readonly columns?: Readonly<Record<string, Value>>;
  /** Columns of `span_payloads`; none is written without. */
  readonly payload?: Readonly<Record<string, Value>>;
}

function literal(value: Value): string {
  if (typeof value === "string") return stringLiteral(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  return "hex" in value ? `unhex('${value.hex}')` : (value as { readonly sql: string }).sql;
}

/** Rows with the same columns. */
export async function insertRows(
  clickhouse: ClickHouse,
  table: string,
  rows: readonly Readonly<Record<string, Value>>[],
): Promise<void> {
  const columns = Object.keys(rows[0]!);
  const tuples = rows.map((row) => `(${columns.map((column) => literal(row[column]!)).join(", ")})`);
  await clickhouse.command(`INSERT INTO ${table} (${columns.join(", ")}) VALUES ${tuples.join(", ")}`);
}

const dateTime = (seconds: number): Value => ({ sql: `toDateTime(${seconds}, 'UTC')` });
const dateTime64 = (nanos: bigint): Value => ({ sql: `fromUnixTimestamp64Nano(${nanos}, 'UTC')` });

/** Stores spans as the consumer does, one by one: for tests of a few. */
export async function storeSpans(clickhouse: ClickHouse, spans: readonly TestSpan[]): Promise<void> {
  for (const span of spans) {
    const { project, traceId, spanId, parentSpanId = "0000000000000000", start, end, version = 1n } = span;
    const bucket = dateTime(bucketOf(end) * 60);
    await insertRows(clickhouse, "trace_buckets", [{ project, trace_id: { hex: traceId }, bucket }]);
    const key = {
      project,
      bucket,
      lane: laneOf(traceId),
      trace_id: { hex: traceId },
      span_id: { hex: spanId },
      version,
    };
    await insertRows(clickhouse, "spans", [
      {
        ...key,
        parent_span_id: { hex: parentSpanId },
        start_time: dateTime64(start),
        end_time: dateTime64(end),
        duration_us: end > start ? (end - start) / 1000n : 0n,
        ...{ role: "other", usage_state: "none", price_state: "none", family: "none", outcome: "ok" },
        ...{ refusal: "none", error_class: "none", attempt: 1, fidelity: "absent" },
        ...span.columns,
      },
    ]);
    if (span.payload) await insertRows(clickhouse, "span_payloads", [{ ...key, ...span.payload }]);
  }
}

/** Writes the traces' live rows from their stored spans, and tombstones at their earlier buckets. */
export async function storeSummaries(clickhouse: ClickHouse): Promise<void> {
  const lists = {
    ...{ environments: "environment", services: "service", releases: "release", teams: "team", features: "feature" },
    ...{ prompts: "prompt", providers: "provider", request_models: "request_model", response_models: "response_model" },
    ...{ operations: "operation", tool_names: "tool_name" },
  };
  const list = (column: string) => `groupUniqArrayIf(${column}, ${column} != '')`;
  await clickhouse.command(`INSERT INTO traces (project, bucket, trace_id, rank, live, root_span_id, name, has_root,
    missing_parents, start_time, end_time, duration_us, spans, calls, errors, priced_calls, input_tokens, output_tokens,
    cost, outcome, outcomes, refusal, error_classes, user_id, conversation_id, tags, ${Object.keys(lists).join(", ")})
    SELECT project, max(bucket), trace_id, sum(toUInt128(version)), true,
      anyIf(span_id, parent_span_id = toFixedString('', 8)), anyIf(name, parent_span_id = toFixedString('', 8)),
      countIf(parent_span_id = toFixedString('', 8)) > 0,
      length(arrayFilter(id -> id != toFixedString('', 8) AND NOT has(groupArray(span_id), id), groupUniqArray(parent_span_id))),
      min(start_time), max(end_time), dateDiff('microsecond', min(start_time), max(end_time)), count(),
      countIf(role = 'model'), countIf(outcome = 'error'), countIf(price_state = 'priced'),
      sumIf(input_tokens, usage_state = 'exact'), sumIf(output_tokens, usage_state = 'exact'), sum(cost),
      'ok', groupUniqArray(outcome), if(max(refusal = 'explicit'), 'explicit', 'none'),
      groupUniqArrayIf(error_class, error_class != 'none'), any(user_id), any(conversation_id), groupUniqArrayArray(tags),
      ${Object.values(lists).map(list).join(", ")}
    FROM spans FINAL GROUP BY project, trace_id`);
  await clickhouse.command(`INSERT INTO traces (project, bucket, trace_id, rank, live)
    SELECT project, bucket, trace_id, bitNot(toUInt128(0)), false FROM trace_buckets FINAL
    WHERE (project, trace_id, bucket) NOT IN (SELECT project, trace_id, max(bucket) FROM trace_buckets GROUP BY project, trace_id)`);
}
