import type { OutboundRecord, SpanPublisher } from "@spanhouse/bus/bus";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import type { DecodedTraces } from "@spanhouse/schemas/otlp/decoded";
import { requestOf } from "@spanhouse/schemas/otlp/split-by-trace";
import type { GatewayLimits } from "./config.ts";
import { type Failure, failed } from "./failure.ts";
import type { GatewayMetrics } from "./metrics.ts";
import type { Quotas } from "./quota/quotas.ts";
import type { Redactor } from "./redaction/redactor.ts";
import { countSpans } from "./span-count.ts";
import { traceRecords } from "./trace-records.ts";

export interface SpanIntakeParts {
  readonly publisher: SpanPublisher;
  readonly quotas: Quotas;
  readonly redactor: Redactor;
  readonly limits: GatewayLimits;
  readonly metrics: GatewayMetrics;
}

export type Intake =
  /** Every span that is not rejected is in the span log, durably. A message a rejected span, starting with its code. */
  { readonly kind: "accepted"; readonly rejections: readonly string[] } | Failure;

/** Takes an ExportTraceServiceRequest in protobuf from its bytes to the span log's acknowledgement. */
export type SpanIntake = (project: string, protobuf: Uint8Array) => Promise<Intake>;

/** The way of spans that every protocol of the gateway ends in. */
export function createSpanIntake({ publisher, quotas, redactor, limits, metrics }: SpanIntakeParts): SpanIntake {
  const { maxRecordBytes, maxSpans } = limits;

  return async function takeSpans(project, protobuf) {
    // In protobuf, no bytes are a request without spans.
    if (protobuf.length === 0) return { kind: "accepted", rejections: [] };
    const spans = countSpans(protobuf, maxSpans);
    if (spans > maxSpans) return failed("TOO_MANY_SPANS", `the request has more than ${maxSpans} spans`);
    const admitted = await quotas.admit(project, { spans, bytes: protobuf.length });
    if (admitted.kind === "failed") return admitted;
    let accepted = 0;
    try {
      const redacted = await redactor.redact(project, protobuf);
      if (redacted.kind === "failed") return redacted;
      const decoded = decodeTraces(redacted.bytes);
      if (decoded.kind === "failed") return decoded;
      const within = withinQuota(project, decoded.traces);
      if (within.kind === "failed") return within;
      const { records, rejections } = traceRecords(within.traces, project, maxRecordBytes);
      const intake = await publish(records, [...rejections, ...within.rejections]);
      if (intake.kind === "accepted") {
        const refused = intake.rejections.length;
        accepted = decoded.traces.spans.length + decoded.traces.rejected.length - refused;
        metrics.spans.inc({ result: "accepted" }, accepted);
        metrics.spans.inc({ result: "rejected" }, refused);
      }
      return intake;
    } finally {
      admitted.settle(accepted);
    }
  };

  /** The traces that the project's quota has room for. */
  function withinQuota(
    project: string,
    traces: DecodedTraces,
  ): { readonly kind: "within"; readonly traces: DecodedTraces; readonly rejections: readonly string[] } | Failure {
    const refused = quotas.refusedTraces(
      project,
      traces.spans.map(({ traceId }) => traceId),
    );
    if (refused.size === 0) return { kind: "within", traces, rejections: [] };
    const kept = traces.spans.filter(({ traceId }) => !refused.has(traceId));
    const failure = quotas.quotaFailure(project);
    if (kept.length === 0) return failure;
    const bytes = requestOf(kept);
    const decoded = decodeTraces(bytes);
    if (decoded.kind === "failed") return decoded;
    const rejections = Array<string>(traces.spans.length - kept.length).fill(`${failure.code}: ${failure.message}`);
    return { kind: "within", traces: { ...decoded.traces, rejected: traces.rejected }, rejections };
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
  const decoded = decodeTraces(record.value);
  return decoded.kind === "decoded" ? decoded.traces.spans.length : 0;
}

/** Rejected spans are counted exactly; so many different reasons are told. */
const reasonsTold = 5;

/** The reasons of a partial success, for its one message. */
export function toldReasons(rejections: readonly string[]): string {
  return [...new Set(rejections)].slice(0, reasonsTold).join("; ");
}
