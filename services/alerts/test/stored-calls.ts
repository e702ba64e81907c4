import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { rollSql } from "@spanhouse/store/slices/slice-sql";

/** Calls that are alike. */
export interface StoredCalls {
  readonly project?: string;
  /** Unix s; in its minute. */
  readonly at: number;
  readonly calls: number;
  /** Columns of `spans`, as SQL. */
  readonly columns?: Readonly<Record<string, string>>;
}

let stored = 0;

/** Stores calls, a trace each, and rolls their minutes up, as consumers do. */
export async function storeCalls(clickhouse: ClickHouse, groups: readonly StoredCalls[]): Promise<void> {
  const columns = [...new Set([...Object.keys(usual), ...groups.flatMap((group) => Object.keys(group.columns ?? {}))])];
  const selected = groups
    .filter(({ calls }) => calls > 0)
    .map(({ project = "p", at, calls, columns: own = {} }) => {
      const all: Readonly<Record<string, string>> = { ...usual, ...own };
      const id = `toUInt128(${stored} + number + 1)`;
      stored += calls;
      const minute = `toDateTime(${Math.floor(at / 60) * 60}, 'UTC')`;
      const time = `fromUnixTimestamp64Nano(toInt64(${at}) * 1000000000, 'UTC')`;
      return {
        spans: `SELECT '${project}', ${minute}, 1, reinterpretAsFixedString(${id}), reinterpretAsFixedString(toUInt64(${id})), 1,
          ${time}, ${time}, ${columns.map((column) => all[column] ?? "''").join(", ")} FROM numbers(${calls})`,
        traces: `SELECT '${project}', ${minute}, reinterpretAsFixedString(${id}), true, 1, 'chat', ${time}, ${time}, ${all.outcome},
          [${all.outcome}], [${all.service}], [${all.response_model}], [${all.provider}], 1, true, ${all.cost} FROM numbers(${calls})`,
        buckets: `SELECT '${project}', reinterpretAsFixedString(${id}), ${minute} FROM numbers(${calls})`,
      };
    });
  const all = (of: "spans" | "traces" | "buckets") => selected.map((one) => one[of]).join(" UNION ALL ");
  await Promise.all([
    clickhouse.command(
      `INSERT INTO spans (project, bucket, lane, trace_id, span_id, version, start_time, end_time, ${columns.join(", ")}) ${all("spans")}`,
    ),
    clickhouse.command(
      `INSERT INTO traces (project, bucket, trace_id, live, rank, name, start_time, end_time, outcome, outcomes, services,
         response_models, providers, spans, has_root, cost) ${all("traces")}`,
    ),
    clickhouse.command(`INSERT INTO trace_buckets (project, trace_id, bucket) ${all("buckets")}`),
  ]);
  const minutes = [...new Set(groups.map(({ at }) => Math.floor(at / 60) * 60))];
  const touched = `bucket IN (${minutes.map((minute) => `toDateTime(${minute}, 'UTC')`).join(", ")})`;
  await Promise.all((["spend", "latency"] as const).map((kind) => clickhouse.command(rollSql(kind, touched, 1))));
}

const usual = {
  ...{ role: "'model'", family: "'generate'", operation: "'chat'", provider: "'openai'", service: "'bot'" },
  ...{ request_model: "'gpt-4o'", response_model: "'gpt-4o-2024-08-06'", usage_state: "'exact'" },
  ...{ input_tokens: "100", output_tokens: "10", price_state: "'priced'", cost: "toDecimal64('0.01', 12)" },
  ...{ outcome: "'ok'", refusal: "'none'", error_class: "'none'", attempt: "1", duration_us: "1000000" },
} as const;
