import { dashboard } from "./dashboard.ts";
import { series, stat, table } from "./panels.ts";
import { chosen, inRange, pointOf, slices } from "./slice-query.ts";
import { chainedVariables, clickhouseVariable, viewerVariable } from "./variables.ts";

const asked = "if(request_model = '', response_model, request_model)";
const filters = ["project", "environment", "service", "provider", "response_model"] as const;
const where = chosen(...filters);
const share = (condition: string) => `sumIf(calls, ${condition}) / sum(calls)`;

/** Calls by the values of a column, without the one that says nothing happened. */
const callsBy = (column: string, none: string) =>
  `SELECT ${pointOf("time")} AS time, ${column}, sum(calls) AS calls FROM ${slices("spend")} WHERE ${column} != '${none}' AND ${where} GROUP BY time, ${column} ORDER BY time, ${column}`;

export const errorsAndRefusals = dashboard({
  uid: "spanhouse-errors-and-refusals",
  title: "Spanhouse: errors and refusals",
  description: "Calls that failed, were refused, filtered, cut off or aborted, and what they said.",
  from: "now-24h",
  variables: [clickhouseVariable, viewerVariable, ...chainedVariables("spend", filters)],
  board: [
    [
      stat({
        title: "Shares of calls",
        description:
          "Outcomes among all calls of the range, failed tries that were repeated included. Refused is what the model declined; filtered what the provider's filter stopped.",
        unit: "percentunit",
        units: { Calls: "short" },
        width: 24,
        thresholds: [0.05, 0.2],
        sql: `SELECT sum(calls) AS "Calls", ${share("outcome = 'error'")} AS "Errors", ${share("outcome = 'refused'")} AS "Refused", ${share("outcome = 'filtered'")} AS "Filtered", ${share("outcome = 'truncated'")} AS "Truncated", ${share("outcome = 'aborted'")} AS "Aborted" FROM ${slices("spend")} WHERE ${where}`,
      }),
    ],
    [
      series({
        title: "Outcomes",
        description: "Calls by outcome, those that went well left out.",
        unit: "short",
        stacked: true,
        sql: callsBy("outcome", "ok"),
      }),
      series({
        title: "Refusals",
        description:
          "By how they are known: explicit (the provider says so), filtered, or suspected (the answer's words do).",
        unit: "short",
        stacked: true,
        sql: callsBy("refusal", "none"),
      }),
    ],
    [
      series({
        title: "Errors by class",
        description: "Failed calls by class of error.",
        unit: "short",
        stacked: true,
        sql: callsBy("error_class", "none"),
      }),
      series({
        title: "Rate limits and retries",
        description: "Calls that met a rate limit, and calls that were a second or later try.",
        unit: "short",
        sql: `SELECT ${pointOf("time")} AS time, sumIf(calls, error_class = 'rate_limit') AS "rate limits", sumIf(calls, is_retry) AS retries FROM ${slices("spend")} WHERE ${where} GROUP BY time ORDER BY time`,
      }),
    ],
    [
      table({
        title: "By provider and model",
        description:
          "Shares of calls by provider and model that was asked for, because who failed names no other; the most calls first.",
        unit: "percentunit",
        units: { Calls: "short" },
        width: 24,
        thresholds: [0.05, 0.2],
        sql: `SELECT provider AS "Provider", ${asked} AS "Model", sum(calls) AS "Calls", ${share("outcome = 'error'")} AS "Errors", ${share("error_class = 'rate_limit'")} AS "Rate limits", ${share("outcome IN ('refused', 'filtered')")} AS "Refused or filtered", ${share("outcome = 'truncated'")} AS "Truncated", ${share("is_retry")} AS "Retries" FROM ${slices("spend")} WHERE ${where} GROUP BY provider, ${asked} ORDER BY "Calls" DESC, "Provider", "Model" LIMIT 50`,
      }),
    ],
    [
      table({
        title: "Newest refusals",
        description: "The fifty newest calls that were refused or filtered, with the first line of what was said.",
        unit: "short",
        units: { Time: "dateTimeAsIso" },
        width: 24,
        links: { Trace: { title: "Open the trace", url: '${viewer}/traces/${__data.fields["Trace"]}' } },
        sql: `SELECT end_time AS "Time", lower(hex(trace_id)) AS "Trace", service AS "Service", response_model AS "Model", refusal AS "Refusal", message AS "First line" FROM spans FINAL WHERE ${inRange()} AND refusal != 'none' AND NOT void AND NOT aggregate AND ${where} ORDER BY end_time DESC, span_id LIMIT 50`,
      }),
    ],
  ],
});
