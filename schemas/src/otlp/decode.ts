import { WireType } from "./cursor.ts";
import type { DecodedTraces, RejectedSpan } from "./decoded.ts";
import { RequestReader } from "./request-reader.ts";
import { requestOf } from "./split-by-trace.ts";
import { findHead, WireResource, WireScope } from "./wire-resource.ts";
import { WireSpan } from "./wire-span.ts";

export type DecodeOutcome =
  | { readonly kind: "decoded"; readonly traces: DecodedTraces }
  | {
      readonly kind: "failed";
      readonly code: "OTLP_TRUNCATED" | "OTLP_WIRE" | "OTLP_EMPTY" | "TOO_MANY_SPANS";
      readonly message: string;
    };

const { delimited } = WireType;
const headTag = (1 << 3) | delimited;
const childTag = (2 << 3) | delimited;
/** `instrumentation_library_spans` of OTLP before 0.15: same fields, other name. */
const libraryTag = (1000 << 3) | delimited;

/**
 * A span with both ids has 32 bytes or more: no record of 16 MB holds more of them. A span without may have 2, and
 * 20 MB of those would take gigabytes.
 */
const mostSpans = 500_000;

/**
 * An ExportTraceServiceRequest in protobuf. Never throws, whatever the bytes. Unknown fields are skipped; of a field
 * that may stand once, the last counts. The result reads from `bytes`, which must not change.
 */
export function decodeTraces(bytes: Uint8Array, maxSpans = mostSpans): DecodeOutcome {
  if (bytes.length === 0) return { kind: "failed", code: "OTLP_EMPTY", message: "expected OTLP traces, got 0 bytes" };
  const request = new RequestReader(bytes);
  const { cursor } = request;
  const spans: WireSpan[] = [];
  const rejected: RejectedSpan[] = [];
  const end = bytes.length;

  const readScope = (stop: number, resource: WireResource): void => {
    const begin = cursor.pos;
    const head = findHead(cursor, stop);
    if (cursor.failure !== undefined) return;
    const scope = new WireScope(request, head);
    if (cursor.failure !== undefined) return;
    cursor.pos = begin;
    while (cursor.pos < stop) {
      const tag = cursor.tag(stop);
      if (tag !== childTag) {
        cursor.skip(tag, stop);
        continue;
      }
      if (spans.length + rejected.length === maxSpans) {
        cursor.fail("TOO_MANY_SPANS", `expected at most ${maxSpans} spans, got more`);
        return;
      }
      const span = new WireSpan(request, cursor.delimited(stop), resource, scope);
      if (span.rejection === undefined) spans.push(span);
      else rejected.push(new WireRejection(spans.length + rejected.length, span, span.rejection));
    }
  };

  const readResource = (stop: number): void => {
    const begin = cursor.pos;
    const head = findHead(cursor, stop);
    if (cursor.failure !== undefined) return;
    const resource = new WireResource(request, head);
    if (cursor.failure !== undefined) return;
    cursor.pos = begin;
    while (cursor.pos < stop) {
      const tag = cursor.tag(stop);
      if (tag === childTag || tag === libraryTag) readScope(cursor.delimited(stop), resource);
      else cursor.skip(tag, stop);
    }
  };

  while (cursor.pos < end) {
    const tag = cursor.tag(end);
    if (tag === headTag) readResource(cursor.delimited(end));
    else cursor.skip(tag, end);
  }
  if (cursor.failure !== undefined) return { kind: "failed", ...cursor.failure };
  return { kind: "decoded", traces: { bytes: request.buffer, spans, rejected } };
}

/** Makes its request when asked: a hostile record may hold millions of spans without ids under a large resource. */
class WireRejection implements RejectedSpan {
  readonly index: number;
  readonly code: RejectedSpan["code"];
  readonly message: string;
  readonly span: WireSpan;

  constructor(index: number, span: WireSpan, why: Pick<RejectedSpan, "code" | "message">) {
    this.index = index;
    this.code = why.code;
    this.message = `span ${index}: ${why.message}`;
    this.span = span;
  }

  get request(): Uint8Array {
    return requestOf([this.span]);
  }
}
