import { type Attributes, type Span, SpanKind, SpanStatusCode, type Tracer } from "@opentelemetry/api";

/**
 * Runs one step of the program in a span of its own, below the active one. What the step throws becomes the span's
 * status, `error.type` and exception event, and goes on to the caller.
 */
export const createTraced =
  (tracer: Tracer) =>
  <T>(
    name: string,
    attributes: Attributes,
    step: (span: Span) => Promise<T>,
    kind: SpanKind = SpanKind.INTERNAL,
  ): Promise<T> =>
    tracer.startActiveSpan(name, { kind, attributes }, async (span) => {
      try {
        return await step(span);
      } catch (error) {
        const { name: type, message } = error instanceof Error ? error : new Error(String(error));
        span.recordException({ name: type, message });
        span.setAttribute("error.type", type);
        span.setStatus({ code: SpanStatusCode.ERROR, message });
        throw error;
      } finally {
        span.end();
      }
    });

export type Traced = ReturnType<typeof createTraced>;
