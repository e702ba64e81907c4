import { Buffer } from "node:buffer";
import type { SpanDetail, TypedAttribute } from "@spanhouse/schemas/api/spans";
import type { AnyValue, KeyValue, ResourceSpans } from "@spanhouse/schemas/otlp/model";
import { spanKinds } from "@spanhouse/schemas/span";
import { unixNano } from "./time-range.ts";

/**
 * A stored span as OTLP, with the attributes that it came with. Its large texts, which are stored apart, go under the
 * names that any dialect leaves to us, so that what is derived from it again is the same.
 */
export function otlpSpan(span: SpanDetail): ResourceSpans {
  return {
    resource: { attributes: span.resource_attributes.map(keyValue) },
    scopeSpans: [
      {
        scope: { name: span.scope_name, version: span.scope_version },
        spans: [
          {
            traceId: span.trace_id,
            spanId: span.span_id,
            ...(span.parent_span_id === null ? {} : { parentSpanId: span.parent_span_id }),
            ...{ name: span.name, kind: Math.max(0, (spanKinds as readonly string[]).indexOf(span.kind)) },
            startTimeUnixNano: unixNano(span.start_time),
            endTimeUnixNano: span.end_time === null ? 0n : unixNano(span.end_time),
            traceState: span.trace_state,
            attributes: [...span.attributes.map(keyValue), ...textAttributes(span)],
            events: span.events.map(({ time, name, attributes }) => ({
              timeUnixNano: unixNano(time),
              ...{ name, attributes: plainAttributes(attributes) },
            })),
            links: span.links.map(({ trace_id, span_id, attributes }) => ({
              ...{ traceId: trace_id, spanId: span_id, attributes: plainAttributes(attributes) },
            })),
            status: {
              code: span.outcome === "error" || span.outcome === "aborted" ? 2 : 0,
              message: span.status_message,
            },
          },
        ],
      },
    ],
  };
}

function textAttributes(span: SpanDetail): KeyValue[] {
  const known = new Set(span.attributes.map(({ key }) => key));
  const [request, response] =
    span.fidelity === "exact" ? ["spanhouse.request", "spanhouse.response"] : ["spanhouse.input", "spanhouse.output"];
  const texts: readonly (readonly [string, string | null])[] = [
    [request!, span.request],
    [response!, span.response],
    ["gen_ai.tool.call.arguments", span.tool_arguments],
    ["gen_ai.tool.call.result", span.tool_result],
    ["gen_ai.retrieval.documents", span.documents],
  ];
  return texts.flatMap(([key, value]) =>
    value === null || known.has(key) ? [] : [{ key, value: { type: "string" as const, value } }],
  );
}

function keyValue({ key, type, value }: TypedAttribute): KeyValue {
  return { key, value: typedValue(type, value) };
}

function typedValue(type: TypedAttribute["type"], value: unknown): AnyValue {
  switch (type) {
    case "string":
      return { type, value: String(value) };
    case "bool":
      return { type, value: value === true };
    case "int":
      return { type, value: BigInt(value as number | string) };
    case "double":
      return { type, value: Number(value) };
    case "bytes":
      return { type, value: Buffer.from(String(value), "base64") };
    case "empty":
      return { type };
    default:
      return plainValue(value);
  }
}

/** What is stored of nested values is JSON: whole numbers were ints. */
function plainValue(value: unknown): AnyValue {
  if (typeof value === "string") return { type: "string", value };
  if (typeof value === "boolean") return { type: "bool", value };
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? { type: "int", value: BigInt(value) } : { type: "double", value };
  }
  if (Array.isArray(value)) return { type: "array", value: value.map(plainValue) };
  if (typeof value === "object" && value !== null) return { type: "kvlist", value: plainAttributes(value) };
  return { type: "empty" };
}

function plainAttributes(attributes: object): KeyValue[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: plainValue(value) }));
}
