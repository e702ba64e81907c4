import type { AlertEvent } from "@spanhouse/store/alerts/alert-events";
import type { AlertBody } from "../alert-body.ts";

/** An event as a receiver is told of it. */
export interface Notification {
  /** One and the same for every attempt to tell of this event: what was seen before is to be ignored. */
  readonly id: string;
  readonly status: "firing" | "resolved";
  readonly project: string;
  readonly rule: string;
  readonly episode: string;
  readonly severity: AlertBody["severity"];
  readonly summary: string;
  readonly group: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | null;
  readonly expected: number | null;
  /** RFC 3339. */
  readonly fired_at: string;
  readonly resolved_at: string | null;
  /** False: the minute was evaluated before all of its spans were known to be there. */
  readonly settled: boolean;
  readonly traces: readonly (AlertBody["evidence"]["traces"][number] & { readonly url: string | null })[];
  readonly series: AlertBody["evidence"]["series"];
  readonly contributions: AlertBody["evidence"]["contributions"];
  readonly kinds: AlertBody["evidence"]["kinds"];
  /** Of the viewer; null: its address is not configured. */
  readonly url: string | null;
}

const atSecond = (seconds: number) => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

/** `viewerUrl`: where people open the viewer, without a slash at the end; undefined: it has no address for them. */
export function notificationOf(
  { project, rule, episode, event, firedAt, at, body }: AlertEvent<AlertBody>,
  viewerUrl: string | undefined,
): Notification {
  const link = (path: string) => (viewerUrl === undefined ? null : `${viewerUrl}${path}`);
  const { group, severity, summary, labels, value, expected, settled, evidence } = body;
  return {
    ...{ id: `${episode}.${event}`, status: event, project, rule, episode, severity, summary, group, labels },
    ...{
      value,
      expected,
      fired_at: atSecond(firedAt),
      resolved_at: event === "resolved" ? atSecond(at) : null,
      settled,
    },
    traces: evidence.traces.map((trace) => ({ ...trace, url: link(`/traces/${trace.trace_id}`) })),
    ...{ series: evidence.series, contributions: evidence.contributions, kinds: evidence.kinds },
    url: link(`/alerts?episode=${episode}`),
  };
}

/** `model claude-… (92 %)`: what explains it, for a person. */
export function explanationOf({ contributions }: Notification): string {
  return contributions
    .slice(0, 3)
    .map(({ dimension, value, share }) => `${dimension} ${value || "(none)"} (${Math.round(share * 100)} %)`)
    .join(", ");
}
