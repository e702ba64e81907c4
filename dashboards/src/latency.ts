import { dashboard } from "./dashboard.ts";
import { heatmap, series, table } from "./panels.ts";
import { chosen, inRange, pointOf, slices } from "./slice-query.ts";
import { chainedVariables, clickhouseVariable, viewerVariable } from "./variables.ts";

const filters = ["project", "environment", "service", "provider", "response_model", "operation"] as const;
const where = chosen(...filters);

/** Of the sketches that slices keep: p50, p90, p95, p99, each within 1 %. */
const quantiles = (column: string) => `quantilesDDMerge(0.01, 0.5, 0.9, 0.95, 0.99)(${column})`;
const sketches = "Of sketches that are within 1 % of the true value, whatever range they are merged over.";

const percentiles = (column: string) =>
  `SELECT time, q[1] AS p50, q[3] AS p95, q[4] AS p99 FROM (SELECT ${pointOf("time")} AS time, ${quantiles(column)} AS q FROM ${slices("latency")} WHERE ${where} GROUP BY time) WHERE NOT isNaN(q[1]) ORDER BY time`;

/** Upper bounds of the heat maps, seconds. */
const bounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 300];

const buckets = (column: string) =>
  bounds
    .map((bound, index) => {
      const above = index === 0 ? "" : ` AND ${column} > ${bounds[index - 1]! * 1_000_000}`;
      return `countIf(${column} <= ${bound * 1_000_000}${above}) AS "${bound}"`;
    })
    .join(", ");

const spansOf = (column: string) =>
  `SELECT ${pointOf("bucket")} AS time, ${buckets(column)} FROM spans FINAL WHERE ${inRange()} AND role = 'model' AND NOT void AND NOT aggregate AND ${column} > 0 AND ${where} GROUP BY time ORDER BY time`;

const speed = "if(sum(duration_us) = 0, 0, sum(output_tokens) * 1000000 / sum(duration_us))";

export const latency = dashboard({
  uid: "spanhouse-latency",
  title: "Spanhouse: latency",
  description: "How long calls take, until their first chunk and until their end, and how fast they write.",
  from: "now-6h",
  variables: [clickhouseVariable, viewerVariable, ...chainedVariables("latency", filters)],
  board: [
    [
      series({
        title: "Duration",
        description: `Calls from their start to their end, in the minute they ended. ${sketches}`,
        unit: "µs",
        sql: percentiles("duration_sketch"),
        thresholds: [30_000_000, 60_000_000],
      }),
      series({
        title: "Time to first chunk",
        description: `Of streamed calls whose instrumentation measured it; others are not in it. ${sketches}`,
        unit: "µs",
        sql: percentiles("time_to_first_chunk_sketch"),
        thresholds: [5_000_000, 15_000_000],
      }),
    ],
    [
      heatmap({
        title: "Durations",
        description: "Calls by duration; a bucket is named by its upper bound. Read from the spans themselves.",
        unit: "s",
        sql: spansOf("duration_us"),
      }),
      heatmap({
        title: "Times to first chunk",
        description:
          "Streamed calls by time to first chunk; a bucket is named by its upper bound. Read from the spans.",
        unit: "s",
        sql: spansOf("time_to_first_chunk_us"),
      }),
    ],
    [
      series({
        title: "Output tokens a second",
        description:
          "Reported output tokens over the time of the calls, by model, waiting for the first token included.",
        unit: "short",
        sql: `SELECT ${pointOf("time")} AS time, response_model, ${speed} AS tokens FROM ${slices("spend")} WHERE response_model != '' AND ${where} GROUP BY time, response_model ORDER BY time, response_model`,
      }),
      table({
        title: "By model and operation",
        description: `Calls, their durations and times to first chunk (0: not measured). ${sketches}`,
        unit: "µs",
        units: { Calls: "short" },
        sql: `SELECT response_model AS "Model", operation AS "Operation", sum(calls) AS "Calls", d[1] AS "p50", d[3] AS "p95", d[4] AS "p99", if(isNaN(f[1]), 0, f[1]) AS "First chunk p50", if(isNaN(f[3]), 0, f[3]) AS "First chunk p95", ${quantiles("duration_sketch")} AS d, ${quantiles("time_to_first_chunk_sketch")} AS f FROM ${slices("latency")} WHERE ${where} GROUP BY response_model, operation ORDER BY "p95" DESC, response_model, operation LIMIT 50`.replace(
          /^(.*)$/s,
          "SELECT * EXCEPT (d, f) FROM ($1)",
        ),
      }),
    ],
    [
      table({
        title: "Slowest traces",
        description: "The twenty traces that took longest, of those that ended in the range. Project alone filters it.",
        unit: "µs",
        units: { Time: "dateTimeAsIso", Spans: "short", Calls: "short" },
        width: 24,
        links: { Trace: { title: "Open the trace", url: '${viewer}/traces/${__data.fields["Trace"]}' } },
        sql: `SELECT end_time AS "Time", lower(hex(trace_id)) AS "Trace", name AS "Name", arrayStringConcat(services, ', ') AS "Services", duration_us AS "Duration", spans AS "Spans", calls AS "Calls", outcome AS "Outcome" FROM traces FINAL WHERE ${inRange()} AND live AND ${chosen("project")} ORDER BY duration_us DESC, trace_id LIMIT 20`,
      }),
    ],
  ],
});
