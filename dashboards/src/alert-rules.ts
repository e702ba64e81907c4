import { clickhouseQuery } from "./clickhouse-query.ts";
import { clickhouseType, clickhouseUid } from "./data-sources.ts";
import { slices, slicesBefore } from "./slice-query.ts";

/** An alert rule as Grafana's file provisioning takes it; `data` holds what is asked (A) and the threshold (C). */
interface AlertText {
  readonly uid: string;
  readonly title: string;
  readonly summary: string;
  /** One number column, and text columns that become labels: an alert for each row. */
  readonly sql: string;
  readonly above: number;
  /** Minutes that are looked at; the newest two are left out, whose spans may still be on their way. */
  readonly minutes: number;
  readonly pending: string;
  readonly severity: "warning" | "critical";
  readonly dashboard: string;
}

const settledAfter = 120;
const clickhouse = { type: clickhouseType, uid: clickhouseUid };
/** Below this many calls a share says little. */
const enough = "sum(calls) >= 20";

const texts: readonly AlertText[] = [
  {
    uid: "spanhouse-spend-tripled",
    title: "Spend tripled",
    summary:
      "{{ $labels.service }} of {{ $labels.project }} spends {{ $values.A }} times what it spent in the hour before.",
    sql: `SELECT project, service, toFloat64(sum(now)) / toFloat64(sum(before)) AS change FROM (SELECT project, service, sum(cost) AS now, toDecimal128(0, 12) AS before FROM ${slices("spend")} GROUP BY project, service UNION ALL SELECT project, service, toDecimal128(0, 12), sum(cost) FROM ${slicesBefore("spend")} GROUP BY project, service) GROUP BY project, service HAVING sum(before) > 0 AND sum(now) > 1`,
    above: 3,
    minutes: 60,
    pending: "5m",
    severity: "warning",
    dashboard: "spanhouse-fleet-cost",
  },
  {
    uid: "spanhouse-errors",
    title: "Calls fail",
    summary:
      "More than a tenth of the calls of {{ $labels.service }} ({{ $labels.project }}) to {{ $labels.provider }} fail.",
    sql: `SELECT project, service, provider, sumIf(calls, outcome = 'error') / sum(calls) AS errors FROM ${slices("spend")} GROUP BY project, service, provider HAVING ${enough}`,
    above: 0.1,
    minutes: 15,
    pending: "5m",
    severity: "critical",
    dashboard: "spanhouse-errors-and-refusals",
  },
  {
    uid: "spanhouse-refusals",
    title: "Models refuse",
    summary:
      "{{ $labels.response_model }} refuses more than a tenth of the calls of {{ $labels.service }} ({{ $labels.project }}).",
    sql: `SELECT project, service, response_model, sumIf(calls, outcome IN ('refused', 'filtered')) / sum(calls) AS refused FROM ${slices("spend")} WHERE response_model != '' GROUP BY project, service, response_model HAVING ${enough}`,
    above: 0.1,
    minutes: 15,
    pending: "5m",
    severity: "warning",
    dashboard: "spanhouse-errors-and-refusals",
  },
  {
    uid: "spanhouse-slow",
    title: "Calls are slow",
    summary: "p95 of calls of {{ $labels.service }} ({{ $labels.project }}) is above 60 s.",
    sql: `SELECT project, service, quantilesDDMerge(0.01, 0.5, 0.9, 0.95, 0.99)(duration_sketch)[3] / 1000000 AS p95 FROM ${slices("latency")} GROUP BY project, service HAVING ${enough}`,
    above: 60,
    minutes: 15,
    pending: "10m",
    severity: "warning",
    dashboard: "spanhouse-latency",
  },
  {
    uid: "spanhouse-unpriced",
    title: "Calls without a price",
    summary:
      "{{ $values.A }} calls of {{ $labels.project }} to {{ $labels.request_model }} have no price: they are in no total.",
    sql: `SELECT project, request_model, sumIf(calls, price_state = 'unknown_model') AS unpriced FROM ${slices("spend")} GROUP BY project, request_model HAVING sum(calls) > 0`,
    above: 0,
    minutes: 60,
    pending: "0s",
    severity: "warning",
    dashboard: "spanhouse-fleet-cost",
  },
];

/** Of provisioning/alerting: what Grafana asks every minute. */
export const alertRules = {
  apiVersion: 1,
  groups: [
    {
      ...{ orgId: 1, name: "spanhouse", folder: "Spanhouse", interval: "1m" },
      rules: texts.map((text) => ({
        ...{ uid: text.uid, title: text.title, condition: "C" },
        data: [
          {
            refId: "A",
            datasourceUid: clickhouseUid,
            relativeTimeRange: { from: text.minutes * 60 + settledAfter, to: settledAfter },
            model: { ...clickhouseQuery(text.sql, "table", { datasource: clickhouse }).build() },
          },
          {
            refId: "C",
            datasourceUid: "__expr__",
            relativeTimeRange: { from: 0, to: 0 },
            model: {
              ...{ refId: "C", type: "threshold", expression: "A", datasource: { type: "__expr__", uid: "__expr__" } },
              conditions: [{ evaluator: { type: "gt", params: [text.above] } }],
            },
          },
        ],
        // No calls are no news; that spans stop to arrive is an alert of Prometheus.
        ...{ noDataState: "OK", execErrState: "Error", for: text.pending },
        labels: { severity: text.severity },
        annotations: { summary: text.summary, __dashboardUid__: text.dashboard, __panelId__: "1" },
      })),
    },
  ],
} as const;
