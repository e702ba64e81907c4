import type { Tracer } from "@opentelemetry/api";
import { inSpan } from "@spanhouse/tracing/in-span";
import type { SpanIntake } from "./span-intake.ts";

/** The same intake, each request of which is a span. */
export function tracedIntake(takeSpans: SpanIntake, tracer: Tracer): SpanIntake {
  return (project, protobuf) =>
    inSpan(tracer, "take spans", { "spanhouse.bytes": protobuf.length }, async (span) => {
      const intake = await takeSpans(project, protobuf);
      span.setAttribute("spanhouse.code", intake.kind === "failed" ? intake.code : "OK");
      if (intake.kind === "accepted") span.setAttribute("spanhouse.rejected_spans", intake.rejections.length);
      return intake;
    });
}
