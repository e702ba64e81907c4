import { alertmanagerAlert } from "./alertmanager.ts";
import type { Notification } from "./notification.ts";
import type { LookUp } from "./pinned-address.ts";
import { type PostOutcome, post } from "./post.ts";
import type { ReceiverConfig } from "./receiver-config.ts";
import { signatureHeaders } from "./signature.ts";
import { slackMessage } from "./slack.ts";

/**
 * Somebody who is told. `tell` may be called again for what was told already, with the same id: at least once. It never
 * rejects.
 */
export interface Receiver {
  readonly name: string;
  tell(notification: Notification): Promise<PostOutcome>;
  /** Says of alerts that still fire that they do; undefined: it does not forget. */
  readonly remind: ((notifications: readonly Notification[]) => Promise<PostOutcome>) | undefined;
}

const timeoutMs = 10_000;

export interface ReceiverParts {
  readonly now: () => number;
  /** Of host names, instead of the machine's. */
  readonly lookUp?: LookUp | undefined;
}

export function createReceiver(config: ReceiverConfig, { now, lookUp }: ReceiverParts): Receiver {
  const { name, alertmanager, webhook } = config;
  const send = (url: URL, headers: Readonly<Record<string, string>>, content: unknown, allowPrivate: boolean) =>
    post({ url, headers, body: JSON.stringify(content), allowPrivate, timeoutMs, lookUp });
  if (alertmanager) {
    const url = new URL(`${alertmanager.url.replace(/\/+$/, "")}/api/v2/alerts`);
    const headers = alertmanager.token === undefined ? {} : { authorization: `Bearer ${alertmanager.token}` };
    const tellAll = (notifications: readonly Notification[]) =>
      send(
        url,
        headers,
        notifications.map((one) => alertmanagerAlert(one, now())),
        alertmanager.allow_private,
      );
    return { name, tell: (one) => tellAll([one]), remind: tellAll };
  }
  const { url, secret, template, allow_private } = webhook!;
  return {
    name,
    remind: undefined,
    tell(notification) {
      const content = template === "slack" ? slackMessage(notification) : notification;
      const signed = secret === undefined ? {} : signatureHeaders(secret, JSON.stringify(content), now());
      return send(new URL(url), { "spanhouse-notification-id": notification.id, ...signed }, content, allow_private);
    },
  };
}
