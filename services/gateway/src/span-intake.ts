import type { OutboundRecord, SpanPublisher } from "@spanhouse/bus/bus";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import type { DecodedTraces } from "@spanhouse/schemas/otlp/decoded";
import type { GatewayLimits } from "./config.ts";
import { type Failure, failed } from "./failure.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { countSpans } from "./span-count.ts";
import { traceRecords } from "./trace-records.ts";

export interface SpanIntakeParts {
  readonly publisher: SpanPublisher;
  readonly limits: GatewayLimits;
  readonly metrics: GatewayMetrics;
}

export type Intake =
  /** Every span that is not rejected is in the span log, durably. A message a rejected span, starting with its code. */
  { readonly kind: "accepted"; readonly rejections: readonly string[] } | Failure;

/** Takes an ExportTraceServiceRequest in protobuf from its bytes to the span log's acknowledgement. */
export type SpanIntake = (project: string, protobuf: Uint8Array) => Promise<Intake>;

/** The way of spans that every protocol of the gateway ends in. */
export function createSpanIntake({ publisher, limits, metrics }: SpanIntakeParts): SpanIntake {
  const { maxRecordBytes, maxSpans } = limits;

  return async function takeSpans(project, protobuf) {
    const decoded = decode(protobuf);
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
  };

  function decode(protobuf: Uint8Array): { kind: "decoded"; traces: DecodedTraces } | Failure {
    // In protobuf, no bytes are a request without spans.
    if (protobuf.length === 0) return { kind: "decoded", traces: { bytes: protobuf, spans: [], rejected: [] } };
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
  const decoded = decodeTraces(record.value);
  return decoded.kind === "decoded" ? decoded.traces.spans.length : 0;
}

/** Rejected spans are counted exactly; so many different reasons are told. */
const reasonsTold = 5;

/** The reasons of a partial success, for its one message. */
export function toldReasons(rejections: readonly string[]): string {
  return [...new Set(rejections)].slice(0, reasonsTold).join("; ");
}
