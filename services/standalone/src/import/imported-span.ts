import { createHash } from "node:crypto";
import type { AnyValue, Event, KeyValue, ResourceSpans, Span } from "@spanhouse/schemas/otlp/model";

/** A span of another product's export in the words of OTLP, and whose resource it is of. */
export interface ImportedSpan {
  readonly resource: Attributes;
  readonly span: Span;
}

/** Whatever an export has, in one call: what is undefined, null or empty is left out. */
export type Attributes = Readonly<Record<string, unknown>>;

/** The trace id as it is where it is one, with or without a UUID's dashes; else a hash of it: the same at every import. */
export function traceIdOf(source: string, id: string): string {
  const hex = id.replaceAll("-", "").toLowerCase();
  return /^(?!0{32}$)[0-9a-f]{32}$/.test(hex) ? hex : hashOf(`${source} trace ${id}`, 32);
}

export function spanIdOf(source: string, id: string): string {
  return /^(?!0{16}$)[0-9a-f]{16}$/i.test(id) ? id.toLowerCase() : hashOf(`${source} span ${id}`, 16);
}

function hashOf(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}

/**
 * Unix ns of a time as exports write it: RFC 3339 (without a zone it is UTC) to the nanosecond; numbers are seconds, ms, µs or ns by their
 * size, as only one of them is of this century. Undefined for what is no time.
 */
export function timeOf(value: unknown): bigint | undefined {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) {
    const digits = Math.floor(Math.log10(value));
    if (digits >= 18) return BigInt(Math.round(value));
    const factor = digits >= 15 ? 1e3 : digits >= 12 ? 1e6 : 1e9;
    return BigInt(Math.round(value)) * BigInt(factor) + BigInt(Math.round((value - Math.round(value)) * factor));
  }
  if (typeof value !== "string") return undefined;
  const found = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(
    value.trim(),
  );
  if (!found) return undefined;
  const [, day, clock, fraction = "", zone = "Z"] = found;
  const seconds = Date.parse(`${day}T${clock}${zone.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, "$1:$2")}`);
  if (Number.isNaN(seconds)) return undefined;
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** Attributes in the order given; a text stays a text, an object becomes JSON, as all dialects write them. */
export function keyValues(attributes: Attributes): KeyValue[] {
  return Object.entries(attributes).flatMap(([key, value]) => {
    const typed = anyValue(value);
    return typed === undefined ? [] : [{ key, value: typed }];
  });
}

function anyValue(value: unknown): AnyValue | undefined {
  switch (typeof value) {
    case "string":
      return value === "" ? undefined : { type: "string", value };
    case "boolean":
      return { type: "bool", value };
    case "number":
      return Number.isSafeInteger(value) ? { type: "int", value: BigInt(value) } : { type: "double", value };
    case "object":
      break;
    default:
      return undefined;
  }
  if (value === null || (Array.isArray(value) && value.length === 0)) return undefined;
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) {
    return { type: "array", value: value.map((one: string) => ({ type: "string", value: one })) };
  }
  return { type: "string", value: JSON.stringify(value) };
}

/** A text as it is; anything else as JSON; undefined for nothing. */
export function textValue(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Every entry under a prefix, each as a short text. */
export function prefixed(prefix: string, values: Readonly<Record<string, unknown>> | undefined): Attributes {
  return Object.fromEntries(Object.entries(values ?? {}).map(([key, value]) => [`${prefix}${key}`, textValue(value)]));
}

export function exceptionEvent(time: bigint, message: string): Event {
  return { timeUnixNano: time, name: "exception", attributes: keyValues({ "exception.message": message }) };
}

/** Spans in requests, those of one resource together. */
export function resourceSpansOf(spans: readonly ImportedSpan[], scope: string): ResourceSpans[] {
  const byResource = new Map<string, { readonly resource: Attributes; readonly spans: Span[] }>();
  for (const { resource, span } of spans) {
    const key = JSON.stringify(resource);
    const known = byResource.get(key);
    if (known) known.spans.push(span);
    else byResource.set(key, { resource, spans: [span] });
  }
  return [...byResource.values()].map(({ resource, spans: held }) => ({
    resource: { attributes: keyValues(resource) },
    scopeSpans: [{ scope: { name: scope }, spans: held }],
  }));
}
