import { type Attributes, context, type Span, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import { suppressTracing } from "@opentelemetry/core";

/** What runs within `work` is a part of the span. Attributes are counts and names: never a text, a key or a statement. */
export async function inSpan<T>(
  tracer: Tracer,
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute("error.type", error instanceof Error ? error.name : "error");
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Nothing within `work` is traced. */
export function outOfSpans<T>(work: () => Promise<T>): Promise<T> {
  return context.with(suppressTracing(context.active()), work);
}
