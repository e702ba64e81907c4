import { possibleTime } from "@spanhouse/schemas/bucket";
import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import { SpanFlag } from "@spanhouse/schemas/span";
import { shortTextLimit } from "./short-text.ts";

/** Flags for what is wrong with the span itself. One that is still open has no end to be wrong. */
export function spanDefects(span: DecodedSpan, open: boolean): number {
  const { startTimeUnixNano: start, endTimeUnixNano: end } = span;
  let flags = 0;
  if (!open && !possibleTime(end)) flags |= SpanFlag.impossibleEnd;
  if (!possibleTime(start)) flags |= SpanFlag.impossibleStart;
  if (!open && end < start) flags |= SpanFlag.negativeDuration;
  if (span.invalidUtf8) flags |= SpanFlag.invalidUtf8;
  if (span.invalidParent) flags |= SpanFlag.invalidParent;
  if (span.name.length > shortTextLimit || span.scope.name.length > shortTextLimit) flags |= SpanFlag.clipped;
  if (span.eventsOverLimit) flags |= SpanFlag.clipped;
  return flags;
}
