import type { IncomingMessage } from "node:http";
import { decodeJson } from "@spanhouse/schemas/otlp/json";
import type { KeyAuthority } from "@spanhouse/store/api-keys";
import type { Admission, Lease } from "./admission.ts";
import { readBody } from "./body.ts";
import type { GatewayLimits } from "./config.ts";
import { grantIngest } from "./credentials.ts";
import { failed } from "./failure.ts";
import { mediaTypeOf, type OtlpFormat } from "./media-type.ts";
import type { GatewayMetrics } from "./metrics.ts";
import type { Intake, SpanIntake } from "./span-intake.ts";

export interface TraceIntakeParts {
  readonly takeSpans: SpanIntake;
  readonly keys: KeyAuthority;
  readonly limits: GatewayLimits;
  readonly metrics: GatewayMetrics;
  readonly admission: Admission;
}

/** The body's declared length; a chunked one is not known and leased as it comes. */
function declaredBytes({ headers }: IncomingMessage): number {
  return Number(headers["content-length"] ?? 0);
}

/** Takes one OTLP/HTTP traces request from its headers to the span log's acknowledgement. */
export function createTraceIntake({ takeSpans, keys, limits, metrics, admission }: TraceIntakeParts) {
  const { maxBodyBytes, maxInflatedBytes, maxInflightBytes } = limits;

  return async function takeTraces(request: IncomingMessage): Promise<Intake> {
    const grant = await grantIngest(request.headers, keys);
    if (grant.kind === "failed") return grant;
    const media = mediaTypeOf(request.headers);
    if (media.kind === "failed") return media;
    const declared = declaredBytes(request);
    if (declared > maxBodyBytes) {
      return failed("BODY_TOO_LARGE", `the body is ${declared} bytes; expected at most ${maxBodyBytes}`);
    }
    const lease = admission.lease(declared);
    if (lease === undefined) {
      return failed("BUS_UNAVAILABLE", `requests of ${maxInflightBytes} bytes wait for the span log`, 1);
    }
    try {
      return await takeBody(request, grant.project, media, lease);
    } finally {
      lease.release();
    }
  };

  async function takeBody(
    request: IncomingMessage,
    project: string,
    { format, compression }: { readonly format: OtlpFormat; readonly compression: "gzip" | "identity" },
    lease: Lease,
  ): Promise<Intake> {
    const body = await readBody(request, {
      compression,
      maxBytes: maxBodyBytes,
      maxInflatedBytes: format === "json" ? maxBodyBytes : maxInflatedBytes,
      lease,
    });
    if (body.kind === "failed") return body;
    metrics.bytes.inc({ state: "sent" }, body.sentBytes);
    metrics.bytes.inc({ state: "inflated" }, body.bytes.length);
    if (format === "protobuf") return takeSpans(project, body.bytes);
    const read = decodeJson(body.bytes);
    return read.kind === "failed" ? read : takeSpans(project, read.protobuf);
  }
}
