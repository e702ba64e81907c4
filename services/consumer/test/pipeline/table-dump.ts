import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { onCluster } from "@spanhouse/store/cluster/cluster";

const range = "from = toDateTime('2026-10-01', 'UTC'), to = toDateTime('2026-11-01', 'UTC')";

const tables = [
  "SELECT * EXCEPT (written_at) FROM spans FINAL",
  "SELECT * FROM span_payloads FINAL",
  "SELECT DISTINCT * EXCEPT (writer) FROM trace_buckets",
  "SELECT * FROM traces FINAL",
  "SELECT * EXCEPT (written_at) FROM open_spans FINAL",
  "SELECT project, instance, final_sequence FROM deliveries FINAL",
  "SELECT * FROM scores FINAL",
  "SELECT project, kind, bucket, lane, rank FROM rollup_minute FINAL",
  "SELECT project, kind, bucket, shard, rank FROM rollup_hour FINAL",
  "SELECT project, kind, bucket, shard, rank FROM rollup_day FINAL",
  ...["minute", "hour", "day"].flatMap((grain) => [
    `SELECT project, time, * FROM spend(${range}, grain = '${grain}')`,
    `SELECT project, time, * FROM usage(${range}, grain = '${grain}')`,
    `SELECT project, time, * EXCEPT (duration_sketch), finalizeAggregation(duration_sketch) FROM tools(${range}, grain = '${grain}')`,
    `SELECT project, time, * EXCEPT (duration_sketch, time_to_first_chunk_sketch), finalizeAggregation(duration_sketch), finalizeAggregation(time_to_first_chunk_sketch)
     FROM latency(${range}, grain = '${grain}')`,
  ]),
];

/** Everything that the tables say, positions and times of writing aside, in an order of its own. */
export async function dump(clickhouse: ClickHouse): Promise<Record<string, unknown[]>> {
  const entries = await Promise.all(
    tables.map(async (sql) => [sql, (await clickhouse.query(sql)).map((row) => JSON.stringify(row)).sort()] as const),
  );
  return Object.fromEntries(entries);
}

export async function truncateAll(clickhouse: ClickHouse): Promise<void> {
  const names = [
    ...["spans", "span_payloads", "trace_buckets", "traces", "open_spans", "checkpoints", "dead_letters", "deliveries"],
    ...["scores", "erased_traces"],
    ...["rollup_minute", "rollup_hour", "rollup_day"],
  ];
  const where = clickhouse.cluster === undefined ? "" : onCluster(clickhouse.cluster);
  await Promise.all(names.map((name) => clickhouse.define(`TRUNCATE TABLE ${name} ${where}`)));
}
