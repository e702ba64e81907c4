/** Minutes since the epoch: the minute in which a span ended, from its own bytes alone. */
export type Bucket = number;

const nanosPerMinute = 60_000_000_000n;
const earliest = BigInt(Date.UTC(2020, 0, 1)) * 1_000_000n;
const latest = BigInt(Date.UTC(2050, 0, 1)) * 1_000_000n;

/** Where spans with an impossible end lie, whenever they arrive: the minute of the epoch. */
export const quarantineBucket: Bucket = 0;

/** Whether a time (Unix ns) can be true: within [2020, 2050). A constant, so that a bucket never depends on a clock. */
export function possibleTime(unixNano: bigint): boolean {
  return unixNano >= earliest && unixNano < latest;
}

export function bucketOf(endTimeUnixNano: bigint): Bucket {
  return possibleTime(endTimeUnixNano) ? Number(endTimeUnixNano / nanosPerMinute) : quarantineBucket;
}
