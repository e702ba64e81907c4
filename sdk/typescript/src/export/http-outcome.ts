import type { SendOutcome } from "./sender.ts";

/** What an OTLP/HTTP answer means. https://opentelemetry.io/docs/specs/otlp/#failures */
export const outcomeOfAnswer = (
  status: number,
  retryAfter: string | null | undefined,
  body: Uint8Array,
): SendOutcome => {
  if (status >= 200 && status < 300) return { kind: "sent", rejected: rejectedSpans(body) };
  const reason = `the receiver answered ${status}`;
  if (status === 413) return { kind: "too-large", reason };
  if (status === 429 || status === 408 || status >= 500) return { kind: "retry", reason, afterMs: waitOf(retryAfter) };
  return { kind: "refused", reason };
};

/** A `Retry-After` in milliseconds: seconds or a date; 0 where there is none. At most an hour is believed. */
const waitOf = (retryAfter: string | null | undefined): number => {
  if (!retryAfter) return 0;
  const seconds = Number(retryAfter);
  const wait = Number.isNaN(seconds) ? Date.parse(retryAfter) - Date.now() : seconds * 1000;
  return Math.min(Math.max(wait || 0, 0), 3_600_000);
};

/**
 * `partial_success.rejected_spans` of an ExportTraceServiceResponse: field 1 of field 1, a varint. 0 where the answer is
 * not that.
 */
const rejectedSpans = (body: Uint8Array): number => {
  if (body[0] !== 0x0a || body[2] !== 0x08) return 0;
  let value = 0;
  for (let at = 3, scale = 1; at < body.length; at++, scale *= 128) {
    value += (body[at]! & 0x7f) * scale;
    if (body[at]! < 0x80) return value;
  }
  return 0;
};
