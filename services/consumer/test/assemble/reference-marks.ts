import type { TraceRow } from "@spanhouse/store/traces/trace-row";
import { contentRank, isAggregate, isVoid } from "@spanhouse/store/version";

/** `bucket span-id` of the rows that must be void and aggregate, by the rules' own words: pairs of rows, no cleverness. */
export function referenceMarks(rows: readonly TraceRow[]): { void: Set<string>; aggregate: Set<string> } {
  const beats = (a: TraceRow, b: TraceRow) =>
    contentRank(a.version) > contentRank(b.version) ||
    (contentRank(a.version) === contentRank(b.version) && a.bucket > b.bucket);
  const outdone = (row: TraceRow) =>
    isVoid(row.version) ||
    rows.some((other) => other.spanId === row.spanId && !isVoid(other.version) && beats(other, row));
  const known = rows.filter((row) => !outdone(row));

  const below = (low: TraceRow, high: TraceRow) => {
    const seen = new Set<TraceRow>();
    let at = known.find((row) => row.spanId === low.parentSpanId);
    while (at && !seen.has(at)) {
      if (at === high) return low !== high;
      if (at.role === "tool") return false;
      seen.add(at);
      at = known.find((row) => row.spanId === at!.parentSpanId);
    }
    return false;
  };
  const usage = (row: TraceRow) => row.usageState === "exact";
  const isCall = (row: TraceRow) => row.role === "model" && usage(row);
  const sameCall = (a: TraceRow, b: TraceRow) =>
    a.responseId !== "" &&
    a.responseId === b.responseId &&
    (a.responseModel || a.requestModel) === (b.responseModel || b.requestModel) &&
    a.inputTokens === b.inputTokens &&
    a.outputTokens === b.outputTokens;
  const sum = (calls: readonly TraceRow[]) => calls.reduce((tokens, call) => tokens + call.outputTokens, 0);

  const m1 = (p: TraceRow) =>
    p.role === "wrapper" &&
    usage(p) &&
    known.some((c) => (isCall(c) || (c.role === "wrapper" && usage(c))) && c.family === p.family && below(c, p));
  const m2 = (p: TraceRow) => {
    if (!isCall(p)) return false;
    const under = known.filter((c) => isCall(c) && c.family === p.family && below(c, p));
    if (under.some((c) => p.responseId !== "" && c.responseId === p.responseId && !sameCall(p, c))) return true;
    const withoutId = under.filter((c) => p.responseId === "" || c.responseId === "");
    return withoutId.length > 0 && sum(withoutId) >= p.outputTokens;
  };
  const m3 = (p: TraceRow) => isCall(p) && known.some((c) => isCall(c) && sameCall(p, c) && c.spanId < p.spanId);
  const m4 = (p: TraceRow) =>
    p.role === "model" &&
    !usage(p) &&
    known.some(
      (c) =>
        (c.role === "model" && c.family === p.family && below(c, p)) ||
        (isCall(c) && c.responseId !== "" && c.responseId === p.responseId),
    );

  const key = (row: TraceRow) => `${row.bucket} ${row.spanId}`;
  return {
    void: new Set(rows.filter(outdone).map(key)),
    aggregate: new Set(
      [
        ...known.filter((row) => m1(row) || m2(row) || m3(row) || m4(row)),
        ...rows.filter((row) => outdone(row) || isAggregate(row.version)),
      ].map(key),
    ),
  };
}
