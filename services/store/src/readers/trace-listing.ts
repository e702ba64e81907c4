import type { TraceFilters } from "./trace-filters.ts";
import type { TraceRow } from "./traces.ts";

/** A place in the list: the minute in which a trace last ended (Unix s), and its id. Both fall from page to page. */
export interface TracePlace {
  readonly bucket: number;
  readonly traceId: string;
}

export interface ListedTrace {
  readonly trace: TraceRow;
  readonly place: TracePlace;
}

/** Where a list goes on. */
export interface TraceListPosition {
  readonly after: TracePlace;
  /** The bucket of the list's first trace. */
  readonly newest: number;
  /** The minute in which the list's first page was read, Unix s. */
  readonly started: number;
}

export interface TraceListQuestion {
  readonly filters: TraceFilters;
  /** Of the last end, [from, to), Unix ns. */
  readonly from: bigint;
  readonly to: bigint;
  readonly position: TraceListPosition | undefined;
  readonly limit: number;
}

export const secondNanos = 1_000_000_000n;
export const minuteNanos = 60n * secondNanos;

/** Unix s. */
export function floorMinute(time: bigint): number {
  return Number(time / minuteNanos) * 60;
}
