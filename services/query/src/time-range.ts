import { SpanhouseError } from "@spanhouse/schemas/errors";

/** [from, to), Unix ns. */
export interface TimeRange {
  readonly from: bigint;
  readonly to: bigint;
}

const minuteNanos = 60_000_000_000n;
const dayNanos = 1440n * minuteNanos;

/** By default the day up to the end of the present minute. Throws INVALID_PARAMETER where nothing lies in the range. */
export function timeRange(from: string | undefined, to: string | undefined, nowMs: number): TimeRange {
  const end =
    to === undefined ? ((BigInt(nowMs) * 1_000_000n) / minuteNanos) * minuteNanos + minuteNanos : unixNano(to);
  const start = from === undefined ? (end > dayNanos ? end - dayNanos : 0n) : unixNano(from);
  if (start < end) return { from: start, to: end };
  throw new SpanhouseError("INVALID_PARAMETER", `from: expected a time before to, which is ${rfc3339(end)}`);
}

/** Of RFC 3339 with at most nine digits of a second. */
export function unixNano(time: string): bigint {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? "";
  const seconds = BigInt(Date.parse(time.replace(/\.\d+/, "")) / 1000);
  return seconds * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** UTC, without a fraction where it is whole seconds. */
export function rfc3339(time: bigint): string {
  const seconds = new Date(Number(time / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = time % 1_000_000_000n;
  return fraction === 0n ? `${seconds}Z` : `${seconds}.${fraction.toString().padStart(9, "0")}Z`;
}
