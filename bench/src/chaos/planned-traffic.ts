import { type Delivery, deliveriesOf } from "../generator/deliveries.ts";
import { planHugeTrace } from "../generator/huge-trace.ts";
import { createRandom } from "../generator/random.ts";
import { traffic } from "../generator/traffic.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { LedgerBook } from "../ledger/ledger-book.ts";

export interface PlannedTraffic {
  readonly ledger: Ledger;
  readonly deliveries: readonly Delivery[];
  readonly huge: readonly Delivery[];
}

export const projects: readonly string[] = ["default", "other"];
/** Two hours before the end of a day that is long over: hours close in it, and a day. */
export const trafficStartMs = Date.UTC(2026, 9, 5, 22);

/** `hugeSpans`: of one trace more, which is sent apart from the rest; 0: none. */
export function planTraffic(seed: number, traces: number, hugeSpans: number): PlannedTraffic {
  const book = new LedgerBook(projects);
  const planned = traffic({ seed, traces, startMs: trafficStartMs, hours: 3, projects }, (trace) => book.add(trace));
  const deliveries = [...planned];
  if (hugeSpans === 0) return { deliveries, huge: [], ledger: book.ledger() };
  const trace = planHugeTrace(seed, hugeSpans, trafficStartMs * 1000, projects[0]!);
  book.add(trace);
  return { deliveries, huge: deliveriesOf(trace, createRandom(seed)), ledger: book.ledger() };
}

export function sharesOf<T>(items: readonly T[], count: number): T[][] {
  const size = Math.ceil(items.length / count);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size)).filter(
    ({ length }) => length > 0,
  );
}
