import { Buffer, isUtf8 } from "node:buffer";
import { encodeTraces } from "./encode.ts";
import { isNestedTooDeep, maxJsonDepth } from "./json-depth.ts";
import { quoteLargeIntegers } from "./json-integers.ts";
import { JsonMismatch } from "./json-reader.ts";
import { jsonToModel } from "./json-to-model.ts";
import type { AnyValue, ExportTraceServiceRequest, KeyValue } from "./model.ts";
import { bufferOver } from "./text.ts";

export type DecodeJsonOutcome =
  /** The same request in protobuf; no bytes at all for a request without resource spans. */
  | { readonly kind: "decoded"; readonly protobuf: Uint8Array }
  | { readonly kind: "failed"; readonly code: "OTLP_JSON" | "OTLP_EMPTY"; readonly message: string };

/**
 * OTLP JSON (opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding") transcoded to protobuf: ids are hex, 64-bit
 * integers numbers or strings without loss of digits, bytes base64, enums numbers or names; unknown fields are
 * ignored, and snake_case is read too. Never throws; a message names the JSON path and what was expected there.
 */
export function decodeJson(bytes: Uint8Array): DecodeJsonOutcome {
  if (bytes.length === 0) return { kind: "failed", code: "OTLP_EMPTY", message: "expected OTLP traces, got 0 bytes" };
  if (!isUtf8(bytes)) return { kind: "failed", code: "OTLP_JSON", message: "expected JSON in UTF-8, got other bytes" };
  if (isNestedTooDeep(bytes)) {
    return {
      kind: "failed",
      code: "OTLP_JSON",
      message: `expected JSON nested at most ${maxJsonDepth} deep, got deeper`,
    };
  }
  try {
    const document: unknown = JSON.parse(quoteLargeIntegers(bufferOver(bytes).toString("utf8")));
    return { kind: "decoded", protobuf: encodeTraces(jsonToModel(document)) };
  } catch (error) {
    if (error instanceof JsonMismatch || error instanceof SyntaxError) {
      return { kind: "failed", code: "OTLP_JSON", message: error.message };
    }
    throw error;
  }
}

/** A request as OTLP JSON. 64-bit integers are strings, as the specification has it. */
export function encodeJson(request: ExportTraceServiceRequest): string {
  return JSON.stringify(jsonForm(request));
}

function jsonForm(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(jsonForm);
  if (typeof value !== "object" || value === null) return value;
  if ("key" in value && "value" in value) {
    const { key, value: held } = value as KeyValue;
    return { key, value: valueForm(held) };
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, jsonForm(inner)]));
}

function valueForm(value: AnyValue): object {
  switch (value.type) {
    case "empty":
      return {};
    case "string":
      return { stringValue: value.value };
    case "bool":
      return { boolValue: value.value };
    case "int":
      return { intValue: value.value.toString() };
    case "double": {
      const plain = Number.isFinite(value.value) && !Object.is(value.value, -0);
      return { doubleValue: plain ? value.value : Object.is(value.value, -0) ? "-0" : String(value.value) };
    }
    case "array":
      return { arrayValue: { values: value.value.map(valueForm) } };
    case "kvlist":
      return { kvlistValue: { values: value.value.map(jsonForm) } };
    case "bytes":
      return { bytesValue: Buffer.from(value.value).toString("base64") };
  }
}
