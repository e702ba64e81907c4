import { childrenOf, endOf, type SpanTable } from "./span-table.ts";

/** µs in which a span ran and none of its children did. */
export function selfTimes(table: SpanTable, now: number): Float64Array {
  const self = new Float64Array(table.size);
  for (let at = 0; at < table.size; at++) {
    const start = table.start[at]!;
    const end = endOf(table, at, now);
    let covered = start;
    let idle = 0;
    // Siblings come by start: one pass joins what overlaps.
    for (const child of childrenOf(table, at)) {
      const childStart = Math.min(Math.max(table.start[child]!, start), end);
      if (childStart > covered) idle += childStart - covered;
      covered = Math.max(covered, Math.min(endOf(table, child, now), end));
    }
    self[at] = idle + Math.max(0, end - covered);
  }
  return self;
}

/** From the earliest start to the latest end, µs from the origin. */
export function extentOf(table: SpanTable, now: number): { readonly from: number; readonly to: number } {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < table.size; at++) {
    from = Math.min(from, table.start[at]!);
    to = Math.max(to, endOf(table, at, now));
  }
  return table.size === 0 ? { from: 0, to: 1 } : { from, to: Math.max(to, from + 1) };
}

/** A stretch of a span that the end of the trace waited for; µs from the origin. */
export interface CriticalStretch {
  readonly from: number;
  readonly to: number;
}

/**
 * What the end of the trace waited for, found from the end backwards: of a span's children the last to end before the
 * moment at hand, then what that one waited for, then on from its start. Between children it is the span itself.
 */
export function criticalPath(table: SpanTable, now: number): ReadonlyMap<number, readonly CriticalStretch[]> {
  const path = new Map<number, CriticalStretch[]>();
  const own = (at: number, from: number, to: number) => {
    if (to <= from) return;
    const stretches = path.get(at);
    if (stretches) stretches.push({ from, to });
    else path.set(at, [{ from, to }]);
  };
  const lastFirst = (at: number) =>
    [...childrenOf(table, at)].sort((a, b) => endOf(table, b, now) - endOf(table, a, now));

  const { from, to } = extentOf(table, now);
  const pending: { readonly at: number; readonly from: number; readonly to: number }[] = [{ at: -1, from, to }];
  for (let visit = pending.pop(); visit !== undefined; visit = pending.pop()) {
    let moment = visit.to;
    for (const child of lastFirst(visit.at)) {
      const start = Math.max(table.start[child]!, visit.from);
      const end = endOf(table, child, now);
      // One that outlives its parent is waited for until the parent's end at most.
      const ends = moment === visit.to ? Math.min(end, moment) : end;
      if (ends > moment || start >= ends) continue;
      if (visit.at >= 0) own(visit.at, ends, moment);
      pending.push({ at: child, from: start, to: ends });
      moment = start;
      if (moment <= visit.from) break;
    }
    if (visit.at >= 0) own(visit.at, visit.from, moment);
  }
  return path;
}
