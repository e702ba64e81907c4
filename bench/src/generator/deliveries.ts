import type { ExportTraceServiceRequest, ScopeSpans } from "@spanhouse/schemas/otlp/model";
import { otlpSpan, resourceAttributes } from "./otlp-span.ts";
import type { PlannedTrace } from "./plan-trace.ts";
import type { PlannedSpan } from "./planned-span.ts";
import type { Random } from "./random.ts";
import type { Service } from "./services.ts";

/** Spans of one trace that arrive together. */
export interface Delivery {
  readonly project: string;
  readonly traceId: string;
  /** Unix microseconds. */
  readonly arrivesUs: number;
  readonly spans: number;
  readonly request: ExportTraceServiceRequest;
}

/** What one export holds. */
const exportWindowUs = 20_000_000;

/**
 * A trace's spans as its programs export them: in several batches as they end, some much later than they ended, some
 * twice, and some spans once more among others.
 */
export function deliveriesOf({ project, traceId, spans }: PlannedTrace, random: Random): Delivery[] {
  const messages = spans
    .flatMap((span) => (span.earlier ? [span.earlier, span] : [span]))
    .sort((a, b) => a.endUs - b.endUs);
  const deliveries: Delivery[] = [];
  for (const batch of batchesOf(messages)) {
    const late = random.chance(0.02);
    const delayMs = late ? random.int(60_000, 3 * 3_600_000) : random.int(50, 2_000);
    const delivery = deliveryOf(project, traceId, batch, delayMs);
    const again = () => random.int(10, 600_000) * 1000;
    deliveries.push(delivery);
    if (random.chance(0.02)) deliveries.push({ ...delivery, arrivesUs: delivery.arrivesUs + again() });
    if (random.chance(0.01))
      deliveries.push(deliveryOf(project, traceId, [random.pick(batch)], delayMs + again() / 1000));
  }
  return deliveries;
}

function deliveryOf(project: string, traceId: string, batch: readonly PlannedSpan[], delayMs: number): Delivery {
  return {
    project,
    traceId,
    arrivesUs: batch.at(-1)!.endUs + delayMs * 1000,
    spans: batch.length,
    request: requestOf(batch),
  };
}

function batchesOf(messages: readonly PlannedSpan[]): PlannedSpan[][] {
  const batches: PlannedSpan[][] = [];
  for (const message of messages) {
    const batch = batches.at(-1);
    if (batch && message.endUs - batch[0]!.endUs <= exportWindowUs) batch.push(message);
    else batches.push([message]);
  }
  return batches;
}

function requestOf(spans: readonly PlannedSpan[]): ExportTraceServiceRequest {
  const byService = new Map<Service, Map<string, PlannedSpan[]>>();
  for (const span of spans) {
    const scopes = byService.get(span.service) ?? new Map<string, PlannedSpan[]>();
    byService.set(span.service, scopes);
    const group = scopes.get(span.scope);
    if (group) group.push(span);
    else scopes.set(span.scope, [span]);
  }
  return {
    resourceSpans: [...byService].map(([service, scopes]) => ({
      resource: { attributes: resourceAttributes(service) },
      scopeSpans: [...scopes].map(
        ([name, group]): ScopeSpans => ({ scope: { name, version: "1.4.0" }, spans: group.map(otlpSpan) }),
      ),
    })),
  };
}
