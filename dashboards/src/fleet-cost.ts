import { dashboard } from "./dashboard.ts";
import { series, stat, table } from "./panels.ts";
import { chosen, inRange, pointOf, pricedShare, slices, slicesBefore, slicesOfMonth } from "./slice-query.ts";
import { chainedVariables, clickhouseVariable, viewerVariable } from "./variables.ts";

const filters = ["project", "environment", "service", "provider", "response_model"] as const;
const where = chosen(...filters);

const uncounted =
  "Estimates, of calls whose usage was not reported, stand beside it and are never in it; priced coverage is the share of calls whose exact price is known.";
const beside = { Estimated: "currencyUSD", "Priced coverage": "percentunit" } as const;
const besideSql = `sum(estimated_cost) AS "Estimated", ${pricedShare} AS "Priced coverage"`;

/** What spend is told by: a column of the view, and what it is called. */
const dimensions = {
  project: "project",
  team: "team",
  cost_centre: "cost centre",
  feature: "feature",
  environment: "environment",
  service: "service",
  provider: "provider",
  response_model: "model",
  prompt: "prompt",
} as const;

/** Entries with what their lines come to; of two of one number the least id counts. */
const statements = `(SELECT project, month, entry, time_zone, currency, rate, closed_by, closed_at, cost, calls FROM (SELECT * FROM statements WHERE to_time <= $__toTime AND to_time > subtractMonths($__toTime, 13) AND ${chosen("project")} ORDER BY project, month, entry, id LIMIT 1 BY project, month, entry) AS one LEFT JOIN (SELECT id, sum(cost) AS cost, sum(calls) AS calls FROM statement_lines WHERE ${chosen("project")} GROUP BY id) AS lines USING id)`;
export const fleetCost = dashboard({
  uid: "spanhouse-fleet-cost",
  title: "Spanhouse: fleet cost",
  description: "What LLM calls cost, by whom they are paid for, and what of it was of no use.",
  from: "now-7d",
  variables: [clickhouseVariable, viewerVariable, ...chainedVariables("spend", filters)],
  board: [
    [
      stat({
        title: "Spend",
        description: `Exact cost of the calls of the range. ${uncounted}`,
        unit: "currencyUSD",
        units: beside,
        sql: `SELECT sum(cost) AS "Spend", ${besideSql} FROM ${slices("spend")} WHERE ${where}`,
      }),
      stat({
        title: "Month to date",
        description: `From the first of the month (UTC) in which the range ends, to its end. ${uncounted}`,
        unit: "currencyUSD",
        units: beside,
        sql: `SELECT sum(cost) AS "Month to date", ${besideSql} FROM ${slicesOfMonth("spend")} WHERE ${where}`,
      }),
      stat({
        title: "Change",
        description:
          "Spend of the range against that of the same length before it; 0 where there was none before. Exact costs only.",
        unit: "percentunit",
        units: { Before: "currencyUSD" },
        thresholds: [0.2, 1],
        sql: `SELECT if(before = 0, 0, toFloat64(now) / toFloat64(before) - 1) AS "Change", before AS "Before" FROM (SELECT sum(cost) AS now FROM ${slices("spend")} WHERE ${where}) AS a, (SELECT sum(cost) AS before FROM ${slicesBefore("spend")} WHERE ${where}) AS b`,
      }),
      stat({
        title: "Cost per conversation",
        description: `Exact cost of calls that name a conversation, by conversation. Project alone filters it. ${uncounted}`,
        unit: "currencyUSD",
        units: { Conversations: "short", Estimated: "currencyUSD" },
        sql: `SELECT if(uniqExact(project, conversation_id) = 0, 0, toFloat64(sum(cost)) / uniqExact(project, conversation_id)) AS "Per conversation", uniqExact(project, conversation_id) AS "Conversations", sum(estimated_cost) AS "Estimated" FROM ${slices("usage")} WHERE conversation_id != '' AND ${chosen("project")}`,
      }),
    ],
    [
      stat({
        title: "Saved by caches",
        description: "What the input tokens read from a provider's cache would have cost more without it.",
        unit: "currencyUSD",
        units: { "Of input": "percentunit" },
        width: 8,
        sql: `SELECT sum(cache_savings) AS "Saved", sum(cache_read_tokens) / sum(input_tokens) AS "Of input" FROM ${slices("spend")} WHERE ${where}`,
      }),
      stat({
        title: "Waste",
        description:
          "Exact cost of calls that failed, were aborted, or were cut off at their token limit, together and each. It is part of spend.",
        unit: "currencyUSD",
        units: { "Of spend": "percentunit" },
        width: 10,
        sql: `SELECT sum(wasted_cost) AS "Waste", if(sum(cost) = 0, 0, toFloat64(sum(wasted_cost)) / toFloat64(sum(cost))) AS "Of spend", sumIf(cost, outcome = 'aborted') AS "Aborted", sumIf(cost, outcome = 'truncated') AS "Truncated" FROM ${slices("spend")} WHERE ${where}`,
      }),
      stat({
        title: "Retries",
        description: "Calls that were a second or later try, what they cost, and their share of all calls.",
        unit: "short",
        units: { Cost: "currencyUSD", "Of calls": "percentunit" },
        width: 6,
        sql: `SELECT sumIf(calls, is_retry) AS "Retries", sumIf(cost, is_retry) AS "Cost", sumIf(calls, is_retry) / sum(calls) AS "Of calls" FROM ${slices("spend")} WHERE ${where}`,
      }),
    ],
    [
      series({
        title: "Spend by provider",
        description: `Exact cost from point to point. ${uncounted}`,
        unit: "currencyUSD",
        stacked: true,
        sql: `SELECT ${pointOf("time")} AS time, provider, sum(cost) AS cost FROM ${slices("spend")} WHERE ${where} GROUP BY time, provider ORDER BY time, provider`,
      }),
      series({
        title: "Price states",
        description:
          "Calls by how they were priced: priced, estimated, or neither, because their model or their usage is not known.",
        unit: "short",
        stacked: true,
        sql: `SELECT ${pointOf("time")} AS time, price_state, sum(calls) AS calls FROM ${slices("spend")} WHERE ${where} GROUP BY time, price_state ORDER BY time, price_state`,
      }),
    ],
    ...pairs([
      ...Object.entries(dimensions).map(([column, name]) => byDimension(column, name)),
      table({
        title: "Spend by user",
        description: `The twenty users that cost most, of calls that name one. Project alone filters it. ${uncounted}`,
        unit: "short",
        units: { Spend: "currencyUSD", Estimated: "currencyUSD" },
        link: "/users",
        sql: `SELECT user_id AS "User", sum(cost) AS "Spend", sum(estimated_cost) AS "Estimated", sum(calls) AS "Calls", uniqExact(conversation_id) AS "Conversations" FROM ${slices("usage")} WHERE user_id != '' AND ${chosen("project")} GROUP BY user_id ORDER BY "Spend" DESC, user_id LIMIT 20`,
      }),
    ]),
    [
      table({
        title: "Dearest traces",
        description:
          "The twenty traces that cost most, of those that ended in the range. A trace costs what its calls cost; estimates stand beside it.",
        unit: "short",
        units: { Spend: "currencyUSD", Estimated: "currencyUSD", Time: "dateTimeAsIso" },
        width: 24,
        links: { Trace: { title: "Open the trace", url: '${viewer}/traces/${__data.fields["Trace"]}' } },
        sql: `SELECT end_time AS "Time", lower(hex(trace_id)) AS "Trace", name AS "Name", arrayStringConcat(services, ', ') AS "Services", cost AS "Spend", estimated_cost AS "Estimated", calls AS "Calls", user_id AS "User" FROM traces FINAL WHERE ${inRange()} AND live AND ${chosen("project")} ORDER BY cost DESC, trace_id LIMIT 20`,
      }),
    ],
    [
      table({
        title: "Closed statements",
        description:
          "Months closed by spanhouse close, of the 13 before the end of the range: what was stated, what later entries added to it, and both together. Estimates are not in them. Project alone filters it.",
        width: 14,
        unit: "short",
        units: { Stated: "currencyUSD", Adjusted: "currencyUSD", Total: "currencyUSD", Closed: "dateTimeAsIso" },
        sql: `SELECT project AS "Project", month AS "Month", argMin(time_zone, entry) AS "Time zone", min(closed_at) AS "Closed", sumIf(cost, entry = 0) AS "Stated", sumIf(cost, entry > 0) AS "Adjusted", countIf(entry > 0) AS "Adjustments", sum(cost) AS "Total", argMin(currency, entry) AS "Currency", toFloat64(sum(cost)) * toFloat64(argMin(rate, entry)) AS "In currency" FROM ${statements} GROUP BY project, month ORDER BY month DESC, project LIMIT 100`,
      }),
      table({
        title: "Adjustments",
        description:
          "Each later entry of a closed month: when its figures had changed, and by how much. What was stated stays as it was. Project alone filters it.",
        width: 10,
        unit: "short",
        units: { Difference: "currencyUSD", Noted: "dateTimeAsIso" },
        sql: `SELECT closed_at AS "Noted", project AS "Project", month AS "Month", entry AS "Entry", cost AS "Difference", calls AS "Calls", closed_by AS "By" FROM ${statements} WHERE entry > 0 ORDER BY closed_at DESC, project, month LIMIT 100`,
      }),
    ],
  ],
});

function byDimension(column: string, name: string) {
  const title = name[0]!.toUpperCase() + name.slice(1);
  return table({
    title: `Spend by ${name}`,
    description: `The twenty that cost most; an empty name is calls that do not say. ${uncounted}`,
    unit: "short",
    units: {
      ...{ Spend: "currencyUSD", ...beside, Waste: "currencyUSD", Saved: "currencyUSD" },
    },
    sql: `SELECT ${column} AS "${title}", sum(cost) AS "Spend", ${besideSql}, sum(calls) AS "Calls", sum(wasted_cost) AS "Waste", sum(cache_savings) AS "Saved" FROM ${slices("spend")} WHERE ${where} GROUP BY ${column} ORDER BY "Spend" DESC, ${column} LIMIT 20`,
  });
}

function pairs<T>(all: readonly T[]): T[][] {
  return all.flatMap((one, index) => (index % 2 === 0 ? [[one, ...all.slice(index + 1, index + 2)]] : []));
}
