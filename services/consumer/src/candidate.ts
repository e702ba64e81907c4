import type { InboundRecord } from "@spanhouse/bus/bus";
import type { TraceRow } from "@spanhouse/store/traces/trace-row";

/** What is kept of an ended span, at least. */
export interface KeptSpan {
  readonly project: string;
  readonly traceId: string;
  readonly row: Pick<TraceRow, "bucket" | "spanId" | "version">;
}

/** An ended span on its way to its rows, with the record it came in. */
export interface Candidate<Span extends KeptSpan> {
  readonly span: Span;
  readonly record: InboundRecord;
}
