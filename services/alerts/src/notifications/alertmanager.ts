import { explanationOf, type Notification } from "./notification.ts";

/**
 * As `POST /api/v2/alerts` of the Alertmanager takes it. Labels are the alert's identity there, and what routes and
 * silences match: of the episode they have nothing, so that the next one is the same alert again.
 */
export interface AlertmanagerAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

/** An alert that fires ends by itself when nobody says for so long that it still does, ms. */
export const heldForMs = 5 * 60_000;

export function alertmanagerAlert(notification: Notification, nowMs: number): AlertmanagerAlert {
  const { rule, project, severity, group, labels, summary, traces, url, value, expected, settled } = notification;
  const explanation = explanationOf(notification);
  return {
    labels: { ...group, ...labels, alertname: rule, project, severity, source: "spanhouse" },
    annotations: {
      summary,
      ...(value === null ? {} : { value: String(value) }),
      ...(expected === null ? {} : { expected: String(expected) }),
      ...(explanation === "" ? {} : { explained_by: explanation }),
      ...Object.fromEntries(
        traces.map((trace, i) => [`trace_${i + 1}`, `${trace.url ?? trace.trace_id} ${trace.why}`]),
      ),
      ...(settled ? {} : { unsettled: "evaluated before all spans of the minute were known to be there" }),
    },
    startsAt: notification.fired_at,
    endsAt: notification.resolved_at ?? new Date(nowMs + heldForMs).toISOString(),
    ...(url === null ? {} : { generatorURL: url }),
  };
}
