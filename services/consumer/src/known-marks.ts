import type { EncodedSpan } from "@spanhouse/store/spans/encoded-spans";
import type { TraceRow } from "@spanhouse/store/traces/trace-row";
import { contentShift } from "@spanhouse/store/version";
import { markTrace } from "./assemble/marks.ts";
import type { LiveTraces } from "./live-traces.ts";
import { joined } from "./trace-assembly.ts";

/**
 * Rows that are about to be written in one piece, with the marks that follow from them and from the acknowledged rows of
 * their traces that are in memory: what is marked here need not be read and inserted again. More rows only mean more
 * marks, so that none is wrong, whoever else has written of the trace.
 */
export function withKnownMarks<Span extends EncodedSpan>(
  spans: readonly Span[],
  live: Pick<LiveTraces, "find">,
): readonly Span[] {
  const traces = new Map<string, { readonly first: Span; readonly rows: TraceRow[] }>();
  let last: { readonly first: Span; readonly rows: TraceRow[] } | undefined;
  for (const span of spans) {
    // Spans of a trace mostly follow each other: then its key need not be spelt.
    if (last?.first.traceId !== span.traceId || last.first.project !== span.project) {
      const key = `${span.traceId} ${span.project}`;
      last = traces.get(key);
      if (!last) {
        last = { first: span, rows: [] };
        traces.set(key, last);
      }
    }
    last.rows.push(span.row);
  }
  const raised = new Map<string, bigint>();
  for (const [key, { first, rows: own }] of traces) {
    const known = live.find(first);
    if (own.length === 1 && known.kind !== "live") continue;
    const all = known.kind === "live" ? joined(known.trace.rows, own) : own;
    for (const { bucket, spanId, version } of markTrace(all).raised) raised.set(`${bucket} ${spanId} ${key}`, version);
  }
  if (raised.size === 0) return spans;
  return spans.map((span) => {
    const { row, traceId, project } = span;
    const version = raised.get(`${row.bucket} ${row.spanId} ${traceId} ${project}`);
    // Of two contents of a row the greater one stands in the table, and was marked.
    if (version === undefined || version >> contentShift !== row.version >> contentShift) return span;
    return { ...span, row: { ...row, version } };
  });
}
