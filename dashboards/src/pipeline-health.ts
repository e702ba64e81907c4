import { dashboard } from "./dashboard.ts";
import { promSeries, series, table } from "./panels.ts";
import { chosen, inRange, inSettledRange, pointOf, settledSlices, slices } from "./slice-query.ts";
import { chainedVariables, clickhouseVariable, prometheusVariable, viewerVariable } from "./variables.ts";

const rate = (metric: string, by = "") => `sum${by}(rate(${metric}[$__rate_interval]))`;
const quantile = (q: number, histogram: string) =>
  `histogram_quantile(${q}, sum by (le) (rate(${histogram}_bucket[$__rate_interval])))`;
const link = "/settings";

export const pipelineHealth = dashboard({
  uid: "spanhouse-pipeline",
  title: "Spanhouse: pipeline health",
  description: "Whether spans arrive, how long they take, and what was not stored, not priced or lost on the way.",
  from: "now-3h",
  variables: [prometheusVariable, clickhouseVariable, viewerVariable, ...chainedVariables("spend", ["project"])],
  board: [
    [
      promSeries({
        title: "Lag by partition",
        description:
          "Records of the span log that a consumer has not yet read, by partition. It should come back to 0.",
        unit: "short",
        thresholds: [10_000, 100_000],
        link,
        of: [{ expr: "sum by (partition) (spanhouse_lag_records)", legend: "{{partition}}" }],
      }),
      promSeries({
        title: "End to end",
        description: "From a record's timestamp to its rows in the store, by the oldest record of each flush.",
        unit: "s",
        thresholds: [10, 60],
        link,
        of: [0.5, 0.95, 0.99].map((q) => ({
          expr: quantile(q, "spanhouse_end_to_end_seconds"),
          legend: `p${q * 100}`,
        })),
      }),
      promSeries({
        title: "Spans",
        description:
          "Spans that gateways accepted or refused, and that consumers wrote, a second; repeated ones included.",
        unit: "short",
        link,
        of: [
          { expr: rate("spanhouse_gateway_spans_total", " by (result) "), legend: "gateway: {{result}}" },
          { expr: rate("spanhouse_consumer_spans_total"), legend: "written" },
        ],
      }),
    ],
    [
      promSeries({
        title: "Insert time",
        description: "From a batch of records to its marked rows, acknowledged by ClickHouse.",
        unit: "s",
        thresholds: [2, 10],
        link,
        of: [0.5, 0.95, 0.99].map((q) => ({ expr: quantile(q, "spanhouse_flush_seconds"), legend: `p${q * 100}` })),
      }),
      promSeries({
        title: "Insert size",
        description: "Spans a flush, over the panel's interval.",
        unit: "short",
        link,
        of: [
          {
            expr: `${rate("spanhouse_consumer_spans_total")} / ${rate("spanhouse_flush_seconds_count")}`,
            legend: "spans a flush",
          },
        ],
      }),
      promSeries({
        title: "Rollups",
        description: "How long a recomputation of slices takes, and how many slices are recomputed a second.",
        unit: "s",
        link,
        of: [
          { expr: quantile(0.95, "spanhouse_roll_seconds"), legend: "p95" },
          { expr: rate("spanhouse_slices_total"), legend: "slices a second" },
        ],
      }),
    ],
    [
      promSeries({
        title: "Dead letters",
        description:
          "Records and spans that can never be stored, by error code, of the last hour. `spanhouse dlq` shows them.",
        unit: "short",
        thresholds: [1, 100],
        link,
        of: [{ expr: "sum by (code) (increase(spanhouse_dead_letters_total[1h]))", legend: "{{code}}" }],
      }),
      promSeries({
        title: "Gateway answers",
        description: "Answers to OTLP requests and scores a second, by error code; OK for none.",
        unit: "reqps",
        link,
        of: [{ expr: rate("spanhouse_gateway_requests_total", " by (code) "), legend: "{{code}}" }],
      }),
      promSeries({
        title: "Bytes waiting in gateways",
        description:
          "Bodies that were read and are not answered yet. At the gateway's limit, senders are told to wait.",
        unit: "bytes",
        link,
        of: [{ expr: "sum by (instance) (spanhouse_gateway_inflight_bytes)", legend: "{{instance}}" }],
      }),
    ],
    [
      promSeries({
        title: "Span log's answer",
        description: "Until the span log acknowledged a request's records.",
        unit: "s",
        thresholds: [1, 5],
        link,
        of: [0.5, 0.99].map((q) => ({ expr: quantile(q, "spanhouse_gateway_publish_seconds"), legend: `p${q * 100}` })),
      }),
      promSeries({
        title: "Query API",
        description: "Until a request of the query API was answered, by route.",
        unit: "s",
        thresholds: [1, 5],
        link,
        of: [
          {
            expr: "histogram_quantile(0.95, sum by (le, route) (rate(spanhouse_query_request_seconds_bucket[$__rate_interval])))",
            legend: "{{route}}",
          },
        ],
      }),
      promSeries({
        title: "Refused commits and rows read back",
        description:
          "Rolls whose partitions had gone to another consumer, and rows of traces read back because other writers had touched them, a second.",
        unit: "short",
        link,
        of: [
          { expr: rate("spanhouse_commits_refused_total"), legend: "refused commits" },
          { expr: rate("spanhouse_consumer_rows_read_total"), legend: "rows read back" },
        ],
      }),
    ],
    [
      series({
        title: "Price misses",
        description: "Calls in no exact total: their model has no price, or their usage was not reported.",
        unit: "short",
        stacked: true,
        link: "/traces",
        sql: `SELECT ${pointOf("time")} AS time, price_state, sum(calls) AS calls FROM ${slices("spend")} WHERE price_state IN ('unknown_model', 'unknown_usage', 'estimated') AND ${chosen("project")} GROUP BY time, price_state ORDER BY time, price_state`,
      }),
      table({
        title: "Lost spans",
        description:
          "By SDK instance that numbered its spans: numbers missing among those that ended in the range, which the SDK dropped or never delivered. An instance that has not said its last number may have lost more.",
        unit: "short",
        units: { "Last seen": "dateTimeAsIso" },
        link: "/traces",
        sql: `SELECT instance AS "Instance", any(seen.service) AS "Service", max(at) AS "Last seen", uniqExact(sequence) AS "Received", toInt64(max(sequence)) - toInt64(min(sequence)) + 1 - toInt64(uniqExact(sequence)) + if(max(final) > 0, greatest(0, toInt64(max(final)) - toInt64(max(sequence))), 0) AS "Lost", max(final) > 0 AS "Closed" FROM (SELECT instance, sequence, service, end_time AS at FROM spans FINAL WHERE ${inRange()} AND instance != '' AND sequence > 0 AND ${chosen("project")} UNION ALL SELECT instance, sequence, service, given_at AS at FROM scores FINAL WHERE ${inRange("given_at")} AND instance != '' AND sequence > 0 AND ${chosen("project")}) AS seen LEFT JOIN (SELECT instance, max(final_sequence) AS final FROM deliveries WHERE ${chosen("project")} GROUP BY instance) AS told USING (instance) GROUP BY instance ORDER BY "Lost" DESC, "Last seen" DESC, instance LIMIT 50`,
      }),
    ],
    [
      series({
        title: "Drift",
        description:
          "Calls and dollars of the rollups, less those of the spans that they are made of: 0 once consumers have caught up; what stays is wrong, and `spanhouse verify` says where. The newest two minutes are left out.",
        unit: "short",
        thresholds: [1e-12, 1],
        width: 24,
        link,
        sql: `SELECT ${pointOf("time")} AS time, sum(calls) AS "calls", toFloat64(sum(cost)) AS "dollars" FROM (SELECT time, toInt64(calls) AS calls, cost FROM ${settledSlices("spend")} WHERE ${chosen("project")} UNION ALL SELECT bucket AS time, -toInt64(role = 'model') AS calls, -toDecimal128(cost, 12) AS cost FROM spans FINAL WHERE ${inSettledRange} AND (role = 'model' OR usage_state != 'none') AND NOT void AND NOT aggregate AND ${chosen("project")}) GROUP BY time ORDER BY time`,
      }),
    ],
  ],
});
