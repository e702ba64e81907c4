import type { Slice } from "../slice.ts";

/** Which field of OTLP's AnyValue is set. */
export const ValueType = {
  empty: 0,
  string: 1,
  bool: 2,
  int: 3,
  double: 4,
  array: 5,
  kvlist: 6,
  bytes: 7,
} as const;
export type ValueType = (typeof ValueType)[keyof typeof ValueType];

/**
 * A name that some reader looks for, as a small number: names are compared once, when the record is decoded.
 * 0 is every name that nobody looks for.
 */
export type KeyId = number;

/** Integers per attribute in the flat table: key id, key start, key end, type, value start, value end. */
export const attributeStride = 6;

/**
 * Attributes of a span, resource, scope, event or link: a flat table of offsets into the record, no object each.
 * The value range of a string or bytes value is its content; of an array or kvlist the message's bytes; of a bool,
 * int or double the 8 bytes or varint on the wire.
 */
export interface Attributes {
  readonly bytes: Uint8Array;
  readonly length: number;
  /** Index of the last attribute of that name, or -1 (the last one wins, as in OpenTelemetry SDKs). */
  find(key: KeyId): number;
  keyId(index: number): KeyId;
  /** The name as text. Only for names that are not known in advance. */
  key(index: number): string;
  keySlice(index: number): Slice;
  /** Whether the name begins so; makes no string. */
  keyStartsWith(index: number, prefix: Uint8Array): boolean;
  type(index: number): ValueType;
  /** Content of a string or bytes value; wire bytes of any other. */
  slice(index: number): Slice;
  /** Where that slice lies in `bytes`. */
  start(index: number): number;
  end(index: number): number;
  /** A string value; a bool, int or double as its shortest text; undefined for any other type. */
  text(index: number): string | undefined;
  /** An int or double, or a string that is one in decimal; undefined otherwise. NaN and infinities come as they are. */
  number(index: number): number | undefined;
  bool(index: number): boolean | undefined;
  /** The value as plain JSON: int64 beyond 2^53 as string, bytes as base64, nested values as objects and arrays. */
  json(index: number): unknown;
}
