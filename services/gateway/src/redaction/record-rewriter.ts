import { Buffer } from "node:buffer";
import { Cursor, type WireFailure, WireType } from "@spanhouse/schemas/otlp/cursor";

/** Gives a text of an attribute, or of a span or status (then without a name), back as it shall be told. */
export type RewriteText = (name: string | undefined, text: string) => string;

export type Rewritten =
  | { readonly kind: "rewritten"; readonly bytes: Uint8Array }
  | { readonly kind: "failed"; readonly code: WireFailure["code"]; readonly message: string };

/** Which fields of a message hold messages and texts, by number. */
interface Shape {
  readonly fields: Readonly<Record<number, Shape | "text" | "bytes">>;
  /** A change inside is noted in the message itself, by an attribute. */
  readonly marked?: true;
}

const anyValue: { fields: Record<number, Shape | "text" | "bytes"> } = { fields: { 1: "text", 7: "bytes" } };
const keyValue: Shape = { fields: { 2: anyValue } };
anyValue.fields[5] = { fields: { 1: anyValue } };
anyValue.fields[6] = { fields: { 1: keyValue } };
const status: Shape = { fields: { 2: "text" } };
const span: Shape = {
  fields: { 5: "text", 9: keyValue, 11: { fields: { 3: keyValue } }, 13: { fields: { 4: keyValue } }, 15: status },
  marked: true,
};
const scopeSpans: Shape = { fields: { 2: span } };
const resourceSpans: Shape = { fields: { 1: { fields: { 1: keyValue } }, 2: scopeSpans, 1000: scopeSpans } };
const traces: Shape = { fields: { 1: resourceSpans } };

/** Deeper values are refused: nobody could say what they hold. */
const deepest = 64;

/** KeyValue{key: "spanhouse.redacted", value: AnyValue{bool_value: true}} as field 9 of a span. */
const redactedMark = (() => {
  const key = Buffer.from("spanhouse.redacted");
  const attribute = Buffer.concat([Buffer.from([0x0a, key.length]), key, Buffer.from([0x12, 2, 0x10, 1])]);
  return Buffer.concat([Buffer.from([(9 << 3) | WireType.delimited, attribute.length]), attribute]);
})();

/**
 * An ExportTraceServiceRequest with its texts rewritten; all else is copied byte for byte, and a span in which something
 * changed says so (`spanhouse.redacted`). Where nothing changes it is the same bytes.
 */
export function rewriteTexts(bytes: Uint8Array, rewrite: RewriteText): Rewritten {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const cursor = new Cursor(bytes);

  /** What stands between `start` and `end` after rewriting; undefined: what stood there. */
  function message(shape: Shape, end: number, depth: number, attribute: string | undefined): Buffer | undefined {
    const start = cursor.pos;
    const parts: Buffer[] = [];
    let copied = start;
    const name = shape === keyValue ? keyOf(end) : attribute;
    if (depth > deepest) cursor.fail("OTLP_WIRE", `a value at byte ${start} lies more than ${deepest} messages deep`);
    while (cursor.pos < end) {
      const fieldStart = cursor.pos;
      const tag = cursor.tag(end);
      const inner = (tag & 7) === WireType.delimited ? shape.fields[tag >>> 3] : undefined;
      if (inner === undefined) {
        cursor.skip(tag, end);
        continue;
      }
      const valueEnd = cursor.delimited(end);
      const valueStart = cursor.pos;
      if (cursor.failure !== undefined) return undefined;
      let told: Buffer | undefined;
      if (inner === "text" || inner === "bytes") told = text(inner, valueStart, valueEnd, name);
      else told = message(inner, valueEnd, depth + 1, name);
      cursor.pos = cursor.failure === undefined ? valueEnd : bytes.length;
      if (told === undefined) continue;
      parts.push(source.subarray(copied, fieldStart), header(tag, told.length), told);
      copied = valueEnd;
    }
    if (parts.length === 0) return undefined;
    parts.push(source.subarray(copied, end));
    if (shape.marked) parts.push(redactedMark);
    return Buffer.concat(parts);
  }

  /** An attribute's name, wherever it stands in the message; the cursor stays. */
  function keyOf(end: number): string {
    const start = cursor.pos;
    let key = "";
    while (cursor.pos < end) {
      const tag = cursor.tag(end);
      if (tag !== ((1 << 3) | WireType.delimited)) cursor.skip(tag, end);
      else {
        const keyEnd = cursor.delimited(end);
        key = source.toString("utf8", cursor.pos, keyEnd);
        cursor.pos = keyEnd;
      }
    }
    if (cursor.failure === undefined) cursor.pos = start;
    return key;
  }

  function text(kind: "text" | "bytes", start: number, end: number, name: string | undefined): Buffer | undefined {
    const was = source.toString(kind === "text" ? "utf8" : "base64", start, end);
    const told = rewrite(name, was);
    return told === was ? undefined : Buffer.from(told);
  }

  const told = message(traces, bytes.length, 0, undefined);
  if (cursor.failure !== undefined) return { kind: "failed", ...cursor.failure };
  return { kind: "rewritten", bytes: told ?? bytes };
}

function header(tag: number, length: number): Buffer {
  const bytes: number[] = [];
  for (const value of [tag, length]) {
    let rest = value;
    while (rest > 0x7f) {
      bytes.push((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    bytes.push(rest);
  }
  return Buffer.from(bytes);
}
