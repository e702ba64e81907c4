import type { ExportTraceServiceRequest } from "@spanhouse/schemas/otlp/model";
import type { Delivery } from "../generator/deliveries.ts";

/** Where generated spans go. */
export interface Outlet {
  /** Resolves when what was sent is durable there; tries again for as long as that may help, and throws where it cannot. */
  send(deliveries: readonly Delivery[]): Promise<void>;
  close(): Promise<void>;
}

/** Spans that one program or Collector exports at once. */
const spansPerExport = 64;

/** Neighbouring deliveries of one project as one request, as whoever batches for many traces writes them. */
export function exportsOf(deliveries: readonly Delivery[]): { project: string; request: ExportTraceServiceRequest }[] {
  const groups: { project: string; spans: number; deliveries: Delivery[] }[] = [];
  for (const delivery of deliveries) {
    const group = groups.findLast(({ project }) => project === delivery.project);
    if (group && group.spans + delivery.spans <= spansPerExport) {
      group.deliveries.push(delivery);
      group.spans += delivery.spans;
    } else {
      groups.push({ project: delivery.project, spans: delivery.spans, deliveries: [delivery] });
    }
  }
  return groups.map(({ project, deliveries }) => ({
    project,
    request: { resourceSpans: deliveries.flatMap(({ request }) => request.resourceSpans) },
  }));
}
