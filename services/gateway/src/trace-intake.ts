import type { IncomingMessage } from "node:http";
import type { OutboundRecord, SpanPublisher } from "@spanhouse/bus/bus";
import { type DecodeOutcome, decodeTraces } from "@spanhouse/schemas/otlp/decode";
import type { DecodedTraces } from "@spanhouse/schemas/otlp/decoded";
import { decodeJson } from "@spanhouse/schemas/otlp/json";
import type { KeyAuthority } from "@spanhouse/store/api-keys";
import type { Admission, Lease } from "./admission.ts";
import { readBody } from "./body.ts";
import type { GatewayLimits } from "./config.ts";
import { grantIngest } from "./credentials.ts";
import { type Failure, failed } from "./failure.ts";
import { mediaTypeOf, type OtlpFormat } from "./media-type.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { countSpans } from "./span-count.ts";
import { traceRecords } from "./trace-records.ts";

export interface TraceIntakeParts {
  readonly publisher: SpanPublisher;
  readonly keys: KeyAuthority;
  readonly limits: GatewayLimits;
  readonly metrics: GatewayMetrics;
  readonly admission: Admission;
}

export type Intake =
  /** Every span that is not rejected is in the span log, durably. */
  { readonly kind: "accepted"; readonly rejections: readonly string[] } | Failure;

/** The body's declared length; a chunked one is not known and leased as it comes. */
function declaredBytes({ headers }: IncomingMessage): number {
  return Number(headers["content-length"] ?? 0);
}

/** Takes one OTLP/HTTP traces request from its headers to the span log's acknowledgement. */
export function createTraceIntake({ publisher, keys, limits, metrics, admission }: TraceIntakeParts) {
  const { maxBodyBytes, maxInflatedBytes, maxInflightBytes, maxRecordBytes, maxSpans } = limits;

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

    const decoded = decode(format, body.bytes);
    if (decoded.kind === "failed") return decoded;
    const { records, rejections } = traceRecords(decoded.traces, project, maxRecordBytes);
    const intake = await publish(records, rejections);
    if (intake.kind === "accepted") {
      const { spans, rejected } = decoded.traces;
      const refused = intake.rejections.length;
      metrics.spans.inc({ result: "accepted" }, spans.length + rejected.length - refused);
      metrics.spans.inc({ result: "rejected" }, refused);
    }
    return intake;
  }

  function decode(format: OtlpFormat, bytes: Uint8Array): { kind: "decoded"; traces: DecodedTraces } | Failure {
    const read = format === "json" ? decodeJson(bytes) : ({ kind: "decoded", protobuf: bytes } as const);
    if (read.kind === "failed") return read;
    const { protobuf } = read;
    // In protobuf, no bytes are a request without spans.
    if (protobuf.length === 0) return { kind: "decoded", traces: { bytes, spans: [], rejected: [] } };
    if (countSpans(protobuf, maxSpans) > maxSpans) {
      return failed("TOO_MANY_SPANS", `the request has more than ${maxSpans} spans`);
    }
    return decodeTraces(protobuf);
  }

  async function publish(records: readonly OutboundRecord[], rejections: readonly string[]): Promise<Intake> {
    if (records.length === 0) return { kind: "accepted", rejections };
    const end = metrics.publishSeconds.startTimer();
    const outcome = await publisher.publish(records);
    end();
    switch (outcome.kind) {
      case "acknowledged":
        return { kind: "accepted", rejections };
      case "rejected": {
        const why = `RECORD_TOO_LARGE: ${outcome.message}`;
        const refused = outcome.indexes.flatMap((index) => Array(spansOf(records[index]!)).fill(why));
        return { kind: "accepted", rejections: [...rejections, ...refused] };
      }
      case "unavailable":
        return failed("BUS_UNAVAILABLE", outcome.message, outcome.retryAfterSeconds);
    }
  }
}

function spansOf(record: OutboundRecord): number {
  const decoded: DecodeOutcome = decodeTraces(record.value);
  return decoded.kind === "decoded" ? decoded.traces.spans.length : 0;
}
