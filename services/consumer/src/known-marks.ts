import type { VersionedSpan } from "@spanhouse/store/spans/span-rows";
import { traceRowOf } from "@spanhouse/store/traces/row-of-span";
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
export function withKnownMarks(
  rows: readonly VersionedSpan[],
  live: Pick<LiveTraces, "find">,
): readonly VersionedSpan[] {
  const traces = new Map<string, { readonly first: VersionedSpan; readonly rows: TraceRow[] }>();
  for (const row of rows) {
    const key = `${row.span.traceId} ${row.span.project}`;
    const known = traces.get(key);
    if (known) known.rows.push(traceRowOf(row));
    else traces.set(key, { first: row, rows: [traceRowOf(row)] });
  }
  const raised = new Map<string, bigint>();
  for (const [key, { first, rows: own }] of traces) {
    const known = live.find(first.span);
    if (own.length === 1 && known.kind !== "live") continue;
    const all = known.kind === "live" ? joined(known.trace.rows, own) : own;
    for (const { bucket, spanId, version } of markTrace(all).raised) raised.set(`${bucket} ${spanId} ${key}`, version);
  }
  if (raised.size === 0) return rows;
  return rows.map((row) => {
    const version = raised.get(`${row.bucket} ${row.span.spanId} ${row.span.traceId} ${row.span.project}`);
    // Of two contents of a row the greater one stands in the table, and was marked.
    return version === undefined || version >> contentShift !== row.version >> contentShift ? row : { ...row, version };
  });
}
