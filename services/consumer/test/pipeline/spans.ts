import type { AnyValue, ExportTraceServiceRequest, KeyValue, Span } from "@spanhouse/schemas/otlp/model";

/** A minute in 2026 that closed long ago, Unix nanoseconds. */
export const minute0 = BigInt(Date.UTC(2026, 9, 5, 10, 0)) * 1_000_000n;
export const second = 1_000_000_000n;

export function attributes(values: Readonly<Record<string, string | number | boolean>>): KeyValue[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: string | number | boolean): AnyValue {
  if (typeof value === "string") return { type: "string", value };
  if (typeof value === "boolean") return { type: "bool", value };
  return Number.isInteger(value) ? { type: "int", value: BigInt(value) } : { type: "double", value };
}

export function traceIdOf(n: number): string {
  return n.toString(16).padStart(32, "a");
}

export function spanIdOf(n: number): string {
  return n.toString(16).padStart(16, "b");
}

/** A span of one second that starts `at` nanoseconds after the minute. */
export function span(
  trace: number,
  id: number,
  parent: number | undefined,
  values: Readonly<Record<string, string | number | boolean>>,
  at = 0n,
  more: Partial<Span> = {},
): Span {
  return {
    traceId: traceIdOf(trace),
    spanId: spanIdOf(id),
    ...(parent === undefined ? {} : { parentSpanId: spanIdOf(parent) }),
    name: String(values["gen_ai.operation.name"] ?? "work"),
    kind: 3,
    startTimeUnixNano: minute0 + at,
    endTimeUnixNano: minute0 + at + second,
    attributes: attributes(values),
    ...more,
  };
}

export function request(...spans: readonly Span[]): ExportTraceServiceRequest {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributes({ "service.name": "shop" }) },
        scopeSpans: [{ scope: { name: "test" }, spans }],
      },
    ],
  };
}

/** A chat call of a model whose price is known: gpt-4o at $2.50 and $10 a million. */
export const chat = (input: number, output: number, more: Readonly<Record<string, string | number>> = {}) => ({
  "gen_ai.operation.name": "chat",
  "gen_ai.provider.name": "openai",
  "gen_ai.request.model": "gpt-4o",
  "gen_ai.response.model": "gpt-4o-2024-08-06",
  "gen_ai.usage.input_tokens": input,
  "gen_ai.usage.output_tokens": output,
  ...more,
});

export const agent = (more: Readonly<Record<string, string | number>> = {}) => ({
  "gen_ai.operation.name": "invoke_agent",
  ...more,
});
