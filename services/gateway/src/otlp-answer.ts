import { MessageWriter } from "@spanhouse/schemas/otlp/message-writer";
import type { OtlpFormat } from "./media-type.ts";

const noBytes = new Uint8Array(0);

/** An ExportTraceServiceResponse; with `partial_success` when spans were rejected. */
export function exportResponse(format: OtlpFormat, rejectedSpans: number, errorMessage: string): Uint8Array | string {
  if (format === "json") {
    // 64-bit integers are strings in protobuf's JSON.
    return rejectedSpans === 0
      ? "{}"
      : JSON.stringify({ partialSuccess: { rejectedSpans: String(rejectedSpans), errorMessage } });
  }
  if (rejectedSpans === 0) return noBytes;
  const writer = new MessageWriter();
  const mark = writer.mark();
  writer.string(2, errorMessage);
  writer.uint32(1, rejectedSpans);
  writer.message(1, mark);
  return writer.finish();
}

/** google.rpc.Code by HTTP status, as in google/rpc/code.proto where it names one. */
const rpcCode: Readonly<Record<number, number>> = { 401: 16, 403: 7, 404: 5, 429: 8, 500: 13, 503: 14 };
const invalidArgument = 3;

export function rpcCodeOf(httpStatus: number): number {
  return rpcCode[httpStatus] ?? invalidArgument;
}

/** A google.rpc.Status: OTLP/HTTP's body of every 4xx and 5xx. */
export function rpcStatus(format: OtlpFormat, httpStatus: number, message: string): Uint8Array | string {
  const code = rpcCodeOf(httpStatus);
  if (format === "json") return JSON.stringify({ code, message });
  const writer = new MessageWriter();
  writer.string(2, message);
  writer.uint32(1, code);
  return writer.finish();
}
