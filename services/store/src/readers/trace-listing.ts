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

export interface TraceQuestion {
  readonly filters: TraceFilters;
  /** Of the last end, [from, to), Unix ns. */
  readonly from: bigint;
  readonly to: bigint;
}

export interface TraceListQuestion extends TraceQuestion {
  readonly position: TraceListPosition | undefined;
  readonly limit: number;
}

const secondNanos = 1_000_000_000n;
export const minuteNanos = 60n * secondNanos;

/** Unix s. */
export function floorMinute(time: bigint): number {
  return Number(time / minuteNanos) * 60;
}

export function ceilMinute(time: bigint): number {
  return Number((time + minuteNanos - 1n) / minuteNanos) * 60;
}

/**
 * What is finer than the minute that a bucket says; bound to `from` and `to`. Only there the time itself is looked at,
 * which a quarantined trace's would fail.
 */
export function endConditions({ from, to }: TraceQuestion): string[] {
  return [
    ...(from % minuteNanos === 0n ? [] : ["end_time >= toDateTime64({from:String}, 9, 'UTC')"]),
    ...(to % minuteNanos === 0n ? [] : ["end_time < toDateTime64({to:String}, 9, 'UTC')"]),
  ];
}

/** As `toDateTime64` reads it. */
export function decimalSeconds(time: bigint): string {
  return `${time / secondNanos}.${(time % secondNanos).toString().padStart(9, "0")}`;
}
