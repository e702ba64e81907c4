import { type Outcome, outcomes } from "@spanhouse/schemas/outcome";
import { byStart, type TraceRow } from "@spanhouse/store/traces/trace-row";
import { missingParent, noParent } from "./forest.ts";

/** What a trace hangs from. */
export interface TopSpans {
  /** The earliest root; where no root is known, all whose parent is missing, by start. */
  readonly spans: readonly TraceRow[];
  readonly rooted: boolean;
  /** Distinct parents that are named and missing. */
  readonly missing: number;
}

/** `rows` by start; `parents` as `parentsOf(rows)`. */
export function topSpansOf(rows: readonly TraceRow[], parents: Int32Array): TopSpans {
  const root = parents.indexOf(noParent);
  const orphans = rows.filter((_, i) => parents[i] === missingParent);
  return {
    spans: root >= 0 ? [rows[root]!] : orphans,
    rooted: root >= 0,
    missing: new Set(orphans.map((row) => row.parentSpanId)).size,
  };
}

/**
 * How a trace ended: as its root says when that is not `ok`; else the most severe of its calls that ended in refusal,
 * filter, abort or truncation and were not tried again. An error inside a trace whose root is fine was handled.
 * `tops` stand for the root while it is missing.
 */
export function outcomeOfTrace(tops: readonly TraceRow[], calls: readonly TraceRow[]): Outcome {
  const above = mostSevere(tops);
  if (above !== "ok") return above;
  if (!calls.some((call) => call.isRetry)) return mostSevere(calls.filter((call) => call.outcome !== "error"));
  const lastRetry = new Map<string, TraceRow>();
  for (const call of calls) {
    if (!call.isRetry) continue;
    const other = lastRetry.get(placeOf(call));
    if (!other || byStart(other, call) < 0) lastRetry.set(placeOf(call), call);
  }
  const final = calls.filter((call) => {
    const retry = lastRetry.get(placeOf(call));
    return call.outcome !== "error" && (!retry || byStart(retry, call) <= 0);
  });
  return mostSevere(final);
}

/** A retry follows the call of the same parent and operation. */
function placeOf(call: TraceRow): string {
  return `${call.parentSpanId} ${call.operation}`;
}

function mostSevere(rows: readonly TraceRow[]): Outcome {
  let severity = 0;
  for (const row of rows) severity = Math.max(severity, outcomes.indexOf(row.outcome));
  return outcomes[severity]!;
}
