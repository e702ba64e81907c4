import { setTimeout as delay } from "node:timers/promises";
import type { Ledger } from "../ledger/ledger.ts";
import { LedgerBook } from "../ledger/ledger-book.ts";
import type { Outlet } from "../outlets/outlet.ts";
import type { Delivery } from "./deliveries.ts";
import { type TrafficOptions, traffic } from "./traffic.ts";

export interface RunOptions extends TrafficOptions {
  /** Spans a second at most; undefined: as fast as the outlet takes them. */
  readonly rate?: number | undefined;
  /** Called about once a second. */
  readonly progress?: (sent: TrafficSent) => void;
}

export interface TrafficSent {
  readonly traces: number;
  /** Of them some are repeated. */
  readonly spans: number;
  readonly deliveries: number;
  readonly seconds: number;
}

const spansPerSend = 512;
const sendsInFlight = 4;

/** Sends all traffic, in order of arrival, and tells what every total must be then. */
export async function runTraffic(
  outlet: Outlet,
  { rate, progress, ...options }: RunOptions,
): Promise<{ readonly ledger: Ledger; readonly sent: TrafficSent }> {
  const book = new LedgerBook(options.projects);
  const began = performance.now();
  const inFlight = new Set<Promise<void>>();
  let failure: unknown;
  let [traces, spans, deliveries, told] = [0, 0, 0, began];
  let batch: Delivery[] = [];
  let batchSpans = 0;

  const sent = (): TrafficSent => ({ traces, spans, deliveries, seconds: (performance.now() - began) / 1000 });

  async function send(): Promise<void> {
    const sending = outlet
      .send(batch)
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => inFlight.delete(sending));
    inFlight.add(sending);
    spans += batchSpans;
    deliveries += batch.length;
    [batch, batchSpans] = [[], 0];
    if (inFlight.size >= sendsInFlight) await Promise.race(inFlight);
    if (failure !== undefined) throw failure;
    if (rate !== undefined) await delay(Math.max(0, (spans / rate) * 1000 - (performance.now() - began)));
    if (performance.now() - told < 1_000) return;
    told = performance.now();
    progress?.(sent());
  }

  const planned = traffic(options, (trace) => {
    traces += 1;
    book.add(trace);
  });
  for (const delivery of planned) {
    batch.push(delivery);
    batchSpans += delivery.spans;
    if (batchSpans >= spansPerSend) await send();
  }
  if (batch.length > 0) await send();
  await Promise.all(inFlight);
  if (failure !== undefined) throw failure;
  return { ledger: book.ledger(), sent: sent() };
}
