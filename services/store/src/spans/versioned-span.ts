import { bucketOf, possibleTime } from "@spanhouse/schemas/bucket";
import { laneOf } from "@spanhouse/schemas/lane";
import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import type { DerivedSpan } from "@spanhouse/schemas/span";

/** A derived span with the version that its row carries, and its key; its times fit their columns. */
export interface VersionedSpan {
  readonly decoded: DecodedSpan;
  readonly span: DerivedSpan;
  readonly bucket: number;
  readonly lane: number;
  readonly version: bigint;
}

export function versionedSpan(decoded: DecodedSpan, span: DerivedSpan, version: bigint): VersionedSpan {
  return { decoded, span: storable(span), bucket: bucketOf(span.endTime), lane: laneOf(span.traceId), version };
}

const greatestTime = 0x7fff_ffff_ffff_ffffn;

/** DateTime64(9) ends in 2262: what lies beyond is kept as that. A span's flags say that it was impossible. */
export function storableTime(unixNano: bigint): bigint {
  return unixNano > greatestTime ? greatestTime : unixNano;
}

function storable(span: DerivedSpan): DerivedSpan {
  if (span.startTime <= greatestTime && span.endTime <= greatestTime) return span;
  return { ...span, startTime: storableTime(span.startTime), endTime: storableTime(span.endTime) };
}

/** From start to end, µs; 0 where either is impossible or the end is first. */
export function durationUs(span: Pick<DerivedSpan, "startTime" | "endTime">): number {
  if (!possibleTime(span.startTime) || !possibleTime(span.endTime)) return 0;
  const duration = Number(span.endTime - span.startTime);
  return duration <= 0 ? 0 : Math.floor(duration / 1000);
}
