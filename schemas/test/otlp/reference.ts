import { readFileSync } from "node:fs";
import protobuf from "protobufjs";
import type { AnyValue, ExportTraceServiceRequest } from "../../src/otlp/model.ts";

/** An independent codec: protobufjs over the published messages. */
const { root } = protobuf.parse(readFileSync(new URL("./fixtures/otlp.proto", import.meta.url), "utf8"));
const requestType = root.lookupType("otlp.ExportTraceServiceRequest");

export function referenceEncode(model: ExportTraceServiceRequest): Uint8Array {
  return requestType.encode(requestType.fromObject(toReference(model) as object)).finish();
}

/** What the reference reads, as protobufjs' plain objects: 64-bit integers as strings, bytes as hex. */
export function referenceDecode(bytes: Uint8Array): unknown {
  return plain(requestType.toObject(requestType.decode(bytes), { longs: String }));
}

/** A model in the form of `referenceDecode`. */
export function referenceForm(model: ExportTraceServiceRequest): unknown {
  return plain(requestType.toObject(requestType.fromObject(toReference(model) as object), { longs: String }));
}

/** protobufjs takes 64-bit integers as halves. */
const longOf = (value: bigint, unsigned: boolean): object => {
  const bits = BigInt.asUintN(64, value);
  return { low: Number(BigInt.asIntN(32, bits)), high: Number(BigInt.asIntN(32, bits >> 32n)), unsigned };
};

const valueField = {
  string: "stringValue",
  bool: "boolValue",
  int: "intValue",
  double: "doubleValue",
  array: "arrayValue",
  kvlist: "kvlistValue",
  bytes: "bytesValue",
} as const;

function toReference(value: unknown, key = ""): unknown {
  if (typeof value === "bigint") return longOf(value, true);
  if (typeof value === "string" && /^(traceId|spanId|parentSpanId)$/.test(key)) return Buffer.from(value, "hex");
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((item) => toReference(item, key));
  if (typeof value !== "object" || value === null) return value;
  if ("type" in value) return referenceValue(value as AnyValue);
  // protobufjs writes an empty text that is present; proto3 leaves it out.
  const present = Object.entries(value).filter(([, inner]) => inner !== "");
  return Object.fromEntries(present.map(([name, inner]) => [name, toReference(inner, name)]));
}

function referenceValue(value: AnyValue): unknown {
  switch (value.type) {
    case "empty":
      return {};
    case "array":
    case "kvlist":
      return { [valueField[value.type]]: { values: value.value.map((item) => toReference(item)) } };
    case "int":
      return { intValue: longOf(value.value, false) };
    default:
      return { [valueField[value.type]]: value.value };
  }
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}
