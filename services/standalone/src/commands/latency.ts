import { metricCommand } from "../reading/metric-table.ts";

export const latency = metricCommand({
  name: "latency",
  about: "How long calls take: quantiles of their duration, and of the time to the first chunk where it is measured.",
  groupBy: "response_model",
  columns: [
    ["calls", "calls"],
    ["p50", "p50_duration_us"],
    ["p95", "p95_duration_us"],
    ["p99", "p99_duration_us"],
    ["first chunk p50", "p50_time_to_first_chunk_us"],
    ["first chunk p95", "p95_time_to_first_chunk_us"],
  ],
});
