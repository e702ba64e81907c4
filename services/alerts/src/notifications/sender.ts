import type { AlertDelivery, AlertEvents, PendingNotification } from "@spanhouse/store/alerts/alert-events";
import type { Lease } from "@spanhouse/store/leases";
import type { AlertBody } from "../alert-body.ts";
import { notificationOf } from "./notification.ts";
import type { Receiver } from "./receiver.ts";

export interface SenderParts {
  readonly events: Pick<AlertEvents<AlertBody>, "pending" | "settle" | "open">;
  readonly receivers: readonly Receiver[];
  readonly viewerUrl: string | undefined;
  /** Only one replica sends. */
  readonly lease: Pick<Lease, "hold">;
  readonly settled: (delivery: AlertDelivery) => void;
  /** Unix ms. */
  readonly now: () => number;
}

export interface Sender {
  /** Tells what is to be told and whose time has come. */
  sendPending(): Promise<void>;
  /** Says of what still fires that it does, to those who forget. */
  remind(): Promise<void>;
}

const firstPauseMs = 5_000;
const greatestPauseMs = 10 * 60_000;
const giveUpAfterMs = 24 * 3_600_000;

/** The outbox at work: what is not settled is told, again and again, longer and longer apart, for a day. */
export function createSender({ events, receivers, viewerUrl, lease, settled, now }: SenderParts): Sender {
  const byName = new Map(receivers.map((receiver) => [receiver.name, receiver]));

  async function send({ event, receiver: name, attempts, lastAttempt }: PendingNotification<AlertBody>): Promise<void> {
    const pause = Math.min(firstPauseMs * 2 ** (attempts - 1), greatestPauseMs);
    if (attempts > 0 && now() < lastAttempt + pause) return;
    if (!(await lease.hold())) return;
    const receiver = byName.get(name);
    const outcome = receiver
      ? await receiver.tell(notificationOf(event, viewerUrl))
      : ({ kind: "failed", message: `no receiver ${name} is configured` } as const);
    const late = now() - event.at * 1000 > giveUpAfterMs;
    const { project, episode, event: kind } = event;
    const delivery: AlertDelivery = {
      ...{ project, episode, event: kind, receiver: name, attempt: attempts + 1 },
      outcome: outcome.kind === "sent" ? "sent" : late ? "abandoned" : "failed",
      problem: outcome.kind === "sent" ? "" : outcome.message,
      at: now(),
    };
    await events.settle(delivery);
    settled(delivery);
  }

  return {
    async sendPending() {
      // One after the other: of an episode the end is told after the beginning.
      for (const pending of await events.pending()) await send(pending);
    },
    async remind() {
      const forgetful = receivers.filter(({ remind }) => remind !== undefined);
      if (forgetful.length === 0) return;
      const open = await events.open();
      for (const { name, remind } of forgetful) {
        const told = open.filter((event) => event.receivers.includes(name));
        // One that fails is reminded a minute later; whoever was never told is in the outbox.
        if (told.length > 0) await remind!(told.map((event) => notificationOf(event, viewerUrl)));
      }
    },
  };
}
