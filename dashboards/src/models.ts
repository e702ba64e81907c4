import { AnnotationQueryBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { clickhouseQuery } from "./clickhouse-query.ts";
import { dashboard } from "./dashboard.ts";
import { chosenClickHouse } from "./data-sources.ts";
import { series, table } from "./panels.ts";
import { chosen, pointOf, pricedShare, slices, stepSeconds } from "./slice-query.ts";
import { chainedVariables, clickhouseVariable, viewerVariable } from "./variables.ts";

const filters = ["project", "environment", "service", "provider", "request_model"] as const;
const where = `response_model != '' AND ${chosen(...filters)}`;
const all = slices("spend");

/**
 * A version that answered for a model that was asked for, and not from the range's first point on: with others before it.
 * What the range begins with may be older than it.
 */
const appearances = `SELECT request_model, response_model, min(time) AS first_seen FROM ${all} WHERE ${where} GROUP BY request_model, response_model HAVING toUnixTimestamp(first_seen) >= toUnixTimestamp($__fromTime) + ${stepSeconds}`;

const perCall = (measure: string, side: string) =>
  `if(sumIf(calls, ${side}) = 0, 0, toFloat64(sumIf(${measure}, ${side})) / sumIf(calls, ${side}))`;
const refused = (side: string) =>
  `if(sumIf(calls, ${side}) = 0, 0, sumIf(calls, outcome IN ('refused', 'filtered') AND ${side}) / sumIf(calls, ${side}))`;
const [before, after] = ["answered != response_model AND time < first_seen", "answered = response_model"];

export const models = dashboard({
  uid: "spanhouse-models",
  title: "Spanhouse: models",
  description: "Which versions answer, when a new one appears, and what it changes.",
  from: "now-7d",
  variables: [clickhouseVariable, viewerVariable, ...chainedVariables("spend", filters)],
  annotations: [
    new AnnotationQueryBuilder()
      .name("New model versions")
      .datasource(chosenClickHouse)
      .enable(true)
      .iconColor("purple")
      .target(
        clickhouseQuery(
          `SELECT first_seen AS time, concat(response_model, ' answers for ', request_model) AS text, 'new version' AS tags FROM (${appearances}) ORDER BY time, text`,
          "table",
          { refId: "Versions" },
        ),
      ),
  ],
  board: [
    [
      series({
        title: "Versions that answer",
        description: "Calls by the model that the provider says has answered.",
        unit: "short",
        width: 24,
        stacked: true,
        sql: `SELECT ${pointOf("time")} AS time, response_model, sum(calls) AS calls FROM ${all} WHERE ${where} GROUP BY time, response_model ORDER BY time, response_model`,
      }),
    ],
    [
      series({
        title: "Cost per call",
        description:
          "Exact cost over priced calls, by model that answered. Estimates and unpriced calls are not in it.",
        unit: "currencyUSD",
        sql: `SELECT ${pointOf("time")} AS time, response_model, toFloat64(sum(cost)) / sum(calls) AS cost FROM ${all} WHERE price_state = 'priced' AND ${where} GROUP BY time, response_model HAVING sum(calls) > 0 ORDER BY time, response_model`,
      }),
      series({
        title: "Refused or filtered",
        description: "Share of calls that the model refused or a filter stopped, by model that answered.",
        unit: "percentunit",
        sql: `SELECT ${pointOf("time")} AS time, response_model, sumIf(calls, outcome IN ('refused', 'filtered')) / sum(calls) AS refused FROM ${all} WHERE ${where} GROUP BY time, response_model HAVING sum(calls) > 0 ORDER BY time, response_model`,
      }),
    ],
    [
      table({
        title: "Before and after a new version",
        description:
          "Each version that first answered within the range: its calls against those answered by others for the same requested model before it. 0: no calls.",
        unit: "currencyUSD",
        units: {
          ...{ "First seen": "dateTimeAsIso", "Calls before": "short", "Calls after": "short" },
          ...{ "Duration before": "µs", "Duration after": "µs", "Refused before": "percentunit" },
          "Refused after": "percentunit",
        },
        width: 24,
        sql: `SELECT request_model AS "Requested", response_model AS "Answers", first_seen AS "First seen", sumIf(calls, ${before}) AS "Calls before", sumIf(calls, ${after}) AS "Calls after", ${perCall("cost", before)} AS "Cost before", ${perCall("cost", after)} AS "Cost after", ${perCall("duration_us", before)} AS "Duration before", ${perCall("duration_us", after)} AS "Duration after", ${refused(before)} AS "Refused before", ${refused(after)} AS "Refused after" FROM (${appearances}) AS new INNER JOIN (SELECT request_model, response_model AS answered, time, outcome, calls, cost, duration_us FROM ${all} WHERE ${where}) AS old USING (request_model) GROUP BY request_model, response_model, first_seen ORDER BY first_seen DESC, response_model LIMIT 50`,
      }),
    ],
    [
      table({
        title: "Versions",
        description:
          "Every version that answered in the range, with its calls, exact cost, estimates and priced coverage.",
        unit: "short",
        units: {
          ...{ First: "dateTimeAsIso", Last: "dateTimeAsIso", Spend: "currencyUSD", Estimated: "currencyUSD" },
          "Priced coverage": "percentunit",
        },
        width: 24,
        sql: `SELECT provider AS "Provider", response_model AS "Answers", min(time) AS "First", max(time) AS "Last", sum(calls) AS "Calls", sum(cost) AS "Spend", sum(estimated_cost) AS "Estimated", ${pricedShare} AS "Priced coverage", sum(output_tokens) AS "Output tokens" FROM ${all} WHERE ${where} GROUP BY provider, response_model ORDER BY "Calls" DESC, response_model LIMIT 100`,
      }),
    ],
  ],
});
