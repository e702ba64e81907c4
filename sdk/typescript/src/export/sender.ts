/**
 * Where batches of spans go. Promises of every implementation:
 *
 * - `send` settles within a bounded time, and never rejects: what went wrong is its outcome.
 * - `sent` only when the receiver has answered that it has the batch durably. Whether a batch that was not answered
 *   arrived is unknown: sending it again is harmless, the store counts a span once.
 * - A send that nobody waits for keeps no process alive.
 * - The bytes of a batch are read only until `send` has settled: their memory is used again.
 */
export interface Sender {
  send(batch: Batch): Promise<SendOutcome>;
  /** Frees connections, after the last send. */
  close(): Promise<void>;
}

/** Spans that are sent together. */
export interface Batch {
  /** By trace; each trace's spans as `encodeSpan` made them. */
  readonly traces: readonly TraceSpans[];
  /** An ExportTraceServiceRequest of these spans, in pieces that follow one another. */
  request(spans: readonly Uint8Array[]): readonly Uint8Array[];
}

/** The spans of one trace in a batch. */
export interface TraceSpans {
  /** Lowercase hex. */
  readonly traceId: string;
  readonly spans: readonly Uint8Array[];
}

/** What became of a batch. */
export type SendOutcome =
  | { readonly kind: "sent" /** Spans that the receiver took and then refused. */; readonly rejected: number }
  | {
      readonly kind: "retry";
      readonly reason: string /** The least wait that the receiver asks for. */;
      readonly afterMs: number;
    }
  /** The batch is too large: a smaller one may be taken. */
  | { readonly kind: "too-large"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string };
