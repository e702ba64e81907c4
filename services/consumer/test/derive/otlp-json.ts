import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { AnyValue, KeyValue } from "@spanhouse/schemas/otlp/model";

/** OTLP JSON of a fixture as protobuf, in as much as the fixtures use it. */
export function protobufOf(json: string): Uint8Array {
  const { resourceSpans } = JSON.parse(json) as { resourceSpans: JsonResourceSpans[] };
  return encodeTraces({
    resourceSpans: resourceSpans.map(({ resource, scopeSpans }) => ({
      resource: { attributes: resource.attributes.map(keyValue) },
      scopeSpans: scopeSpans.map(({ scope, spans }) => ({
        scope,
        spans: spans.map((span) => ({
          ...span,
          startTimeUnixNano: BigInt(span.startTimeUnixNano),
          endTimeUnixNano: BigInt(span.endTimeUnixNano),
          attributes: span.attributes.map(keyValue),
          events: (span.events ?? []).map((event) => ({
            name: event.name,
            timeUnixNano: BigInt(event.timeUnixNano),
            attributes: event.attributes.map(keyValue),
          })),
        })),
      })),
    })),
  });
}

interface JsonResourceSpans {
  readonly resource: { readonly attributes: readonly JsonKeyValue[] };
  readonly scopeSpans: readonly { readonly scope: { readonly name: string }; readonly spans: readonly JsonSpan[] }[];
}

interface JsonSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly JsonKeyValue[];
  readonly events?: readonly {
    readonly name: string;
    readonly timeUnixNano: string;
    readonly attributes: readonly JsonKeyValue[];
  }[];
}

interface JsonKeyValue {
  readonly key: string;
  readonly value: JsonValue;
}

type JsonValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number | string }
  | { readonly arrayValue: { readonly values: readonly JsonValue[] } }
  | { readonly kvlistValue: { readonly values: readonly JsonKeyValue[] } };

function keyValue({ key, value }: JsonKeyValue): KeyValue {
  return { key, value: anyValue(value) };
}

function anyValue(value: JsonValue): AnyValue {
  if ("stringValue" in value) return { type: "string", value: value.stringValue };
  if ("boolValue" in value) return { type: "bool", value: value.boolValue };
  if ("intValue" in value) return { type: "int", value: BigInt(value.intValue) };
  if ("doubleValue" in value) return { type: "double", value: Number(value.doubleValue) };
  if ("arrayValue" in value) return { type: "array", value: value.arrayValue.values.map(anyValue) };
  return { type: "kvlist", value: value.kvlistValue.values.map(keyValue) };
}
