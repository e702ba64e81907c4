import { type OutboundRecord, recordHeader } from "@spanhouse/bus/bus";
import type { DecodedSpan, DecodedTraces } from "@spanhouse/schemas/otlp/decoded";
import { requestOf, splitByTrace } from "@spanhouse/schemas/otlp/split-by-trace";
import { otlpContentType } from "./media-type.ts";

export interface TraceRecords {
  readonly records: readonly OutboundRecord[];
  /** Why spans are in no record, a message a span, each starting with its code. */
  readonly rejections: readonly string[];
}

/**
 * Records for the bus, each of one trace. A trace larger than a record becomes several, cut between spans; a span
 * larger than a record is rejected, as are those that decoding rejected.
 */
export function traceRecords(traces: DecodedTraces, project: string, maxRecordBytes: number): TraceRecords {
  const headers = { [recordHeader.contentType]: otlpContentType.protobuf, [recordHeader.project]: project };
  const records: OutboundRecord[] = [];
  const rejections = traces.rejected.map(({ code, message }) => `${code}: ${message}`);

  function add(key: string, value: Uint8Array, spans: () => readonly DecodedSpan[]): void {
    if (value.length <= maxRecordBytes) {
      records.push({ key, value, headers });
      return;
    }
    const all = spans();
    if (all.length === 1) {
      const what = `span ${all[0]?.spanId} of trace ${key} needs a record of ${value.length} bytes`;
      rejections.push(`RECORD_TOO_LARGE: ${what}, expected at most ${maxRecordBytes}`);
      return;
    }
    const middle = all.length >> 1;
    for (const half of [all.slice(0, middle), all.slice(middle)]) add(key, requestOf(half), () => half);
  }

  for (const [key, value] of splitByTrace(traces)) {
    add(key, value, () => traces.spans.filter(({ traceId }) => traceId === key));
  }
  return { records, rejections };
}
