import { Buffer } from "node:buffer";
import { Metadata } from "@grpc/grpc-js";
import { MessageWriter } from "@spanhouse/schemas/otlp/message-writer";
import { type Failure, statusOf } from "../failure.ts";
import { rpcCodeOf } from "../otlp-answer.ts";

const retryInfoType = "type.googleapis.com/google.rpc.RetryInfo";
/** Where gRPC carries a google.rpc.Status with details. */
const statusDetails = "grpc-status-details-bin";

export interface RpcFailure {
  /** google.rpc.Code. */
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

/**
 * A failure as gRPC answers it. Exporters come again after UNAVAILABLE, and after RESOURCE_EXHAUSTED only if there is a
 * RetryInfo: both carry when.
 */
export function rpcFailure(failure: Failure): RpcFailure {
  const code = rpcCodeOf(statusOf(failure));
  const details = `${failure.code}: ${failure.message}`;
  const metadata = new Metadata();
  if (failure.retryAfterSeconds !== undefined) {
    metadata.set(statusDetails, statusWithRetry(code, details, failure.retryAfterSeconds));
  }
  return { code, details, metadata };
}

/** google.rpc.Status{code, message, details: [Any{RetryInfo{retry_delay: Duration}}]}. */
function statusWithRetry(code: number, message: string, retryAfterSeconds: number): Buffer {
  const writer = new MessageWriter();
  const any = writer.mark();
  const value = writer.mark();
  const delay = writer.mark();
  const seconds = Math.floor(retryAfterSeconds);
  const nanos = Math.round((retryAfterSeconds - seconds) * 1e9);
  if (nanos > 0) writer.uint32(2, nanos);
  if (seconds > 0) writer.uint32(1, seconds);
  writer.message(1, delay);
  writer.message(2, value);
  writer.string(1, retryInfoType);
  writer.message(3, any);
  writer.string(2, message);
  writer.uint32(1, code);
  return Buffer.from(writer.finish());
}
