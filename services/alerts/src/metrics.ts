import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export interface AlertsMetrics {
  readonly registry: Registry;
  /** By outcome: `settled`, `unsettled` or `failed`. */
  readonly evaluations: Counter<"outcome">;
  readonly evaluationSeconds: Histogram;
  /** Since the end of the last window that every rule is evaluated to, s. */
  readonly behindSeconds: Gauge;
  readonly firing: Gauge<"severity">;
  /** By receiver and outcome: `sent`, `failed` or `abandoned`. */
  readonly notifications: Counter<"receiver" | "outcome">;
  /** Whether this replica is the one that evaluates and sends. */
  readonly leads: Gauge;
}

export function createAlertsMetrics(registry: Registry): AlertsMetrics {
  const registers = [registry];
  return {
    registry,
    evaluations: new Counter({
      name: "spanhouse_alert_evaluations_total",
      help: "Evaluations of alert rules: settled, unsettled (a minute whose spans were not known to be all there), failed.",
      labelNames: ["outcome"],
      registers,
    }),
    evaluationSeconds: new Histogram({
      name: "spanhouse_alert_evaluation_seconds",
      help: "One evaluation of one rule.",
      buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    behindSeconds: new Gauge({
      name: "spanhouse_alert_behind_seconds",
      help: "Since the end of the last minute that every rule is evaluated to.",
      registers,
    }),
    firing: new Gauge({
      name: "spanhouse_alerts_firing",
      help: "Alerts that fire, by severity.",
      labelNames: ["severity"],
      registers,
    }),
    notifications: new Counter({
      name: "spanhouse_alert_notifications_total",
      help: "Attempts to tell a receiver: sent, failed, or abandoned after a day.",
      labelNames: ["receiver", "outcome"],
      registers,
    }),
    leads: new Gauge({
      name: "spanhouse_alerts_leads",
      help: "1 on the replica that evaluates and sends.",
      registers,
    }),
  };
}
