import { findingsOf } from "./findings.ts";
import { markSiblings } from "./siblings.ts";
import type { SpanTable } from "./span-table.ts";
import { criticalPath, extentOf, selfTimes } from "./trace-times.ts";

/** What is computed of a table once, not at each drawing. `now`: µs from the origin, for spans that run. */
export function analyse(table: SpanTable, now: number) {
  const extent = extentOf(table, now);
  const marks = markSiblings(table, extent.to - extent.from, now);
  const self = selfTimes(table, now);
  return { extent, marks, self, critical: criticalPath(table, now), findings: findingsOf(table, marks, self) };
}
export type Analysis = ReturnType<typeof analyse>;

/** Spans whose words contain the text; case does not matter. */
export function findSpans(table: SpanTable, text: string): readonly number[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  const found: number[] = [];
  for (let at = 0; at < table.size; at++) {
    const {
      name,
      operation,
      service,
      provider,
      request_model,
      response_model,
      tool_name,
      agent_name,
      message,
      outcome,
    } = table.node(at);
    const words = [name, operation, service, provider, request_model, response_model, tool_name, agent_name, message];
    if (words.some((word) => word.toLowerCase().includes(wanted)) || outcome === wanted || table.ids[at] === wanted) {
      found.push(at);
    }
  }
  return found;
}
