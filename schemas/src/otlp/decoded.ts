import type { Attributes } from "./attributes.ts";

/**
 * One decoded request: spans whose texts are offsets into `bytes`. Decoding makes no string of unbounded size.
 * JSON is first transcoded to protobuf, so that there is one representation.
 */
export interface DecodedTraces {
  readonly bytes: Uint8Array;
  readonly spans: readonly DecodedSpan[];
  /** Spans that can never be stored, each with why; the rest of the request goes on. */
  readonly rejected: readonly RejectedSpan[];
}

export interface RejectedSpan {
  /** The span's position in the request, counted through all resources and scopes. */
  readonly index: number;
  /** A code of `errors.ts`. */
  readonly code: "OTLP_TRACE_ID" | "OTLP_SPAN_ID";
  readonly message: string;
  /** A one-span ExportTraceServiceRequest: resource, scope and the span, byte for byte. */
  readonly request: Uint8Array;
  /** The span itself; an id that is wrong reads as empty. */
  readonly span: DecodedSpan;
}

export interface DecodedResource {
  readonly attributes: Attributes;
  /** The Resource message's range in the record, for hashing and for splitting by trace. */
  readonly start: number;
  readonly end: number;
  readonly schemaUrl: string;
  /** Where the URL lies in the record, unclipped. */
  readonly schemaUrlStart: number;
  readonly schemaUrlEnd: number;
}

export interface DecodedScope {
  readonly name: string;
  readonly version: string;
  readonly attributes: Attributes;
  readonly start: number;
  readonly end: number;
  readonly schemaUrl: string;
  /** Where the URL lies in the record, unclipped. */
  readonly schemaUrlStart: number;
  readonly schemaUrlEnd: number;
}

export interface DecodedEvent {
  readonly timeUnixNano: bigint;
  readonly name: string;
  readonly attributes: Attributes;
}

export interface DecodedLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
}

export interface DecodedSpan {
  readonly bytes: Uint8Array;
  /** The Span message's range in the record. */
  readonly start: number;
  readonly end: number;
  readonly resource: DecodedResource;
  readonly scope: DecodedScope;
  /** 32 and 16 lowercase hex digits, never all zero. */
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root, and where the wire had a parent of a wrong length (then `invalidParent`). */
  readonly parentSpanId: string;
  readonly invalidParent: boolean;
  readonly traceState: string;
  readonly name: string;
  /** The SpanKind's number on the wire, 0 to 5; anything else reads as 0. */
  readonly kind: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly attributes: Attributes;
  /** The first 10,000, and so for links; all are in the bytes. */
  readonly events: readonly DecodedEvent[];
  readonly links: readonly DecodedLink[];
  /** There are more events or links than those. */
  readonly eventsOverLimit: boolean;
  /** Some text of the span is not valid UTF-8. */
  readonly invalidUtf8: boolean;
}
