import { bytesOf, type EncodedSpan, letGo } from "../otlp/slabs.ts";
import type { TraceSpans } from "./sender.ts";

interface QueuedTrace {
  readonly traceId: string;
  readonly spans: EncodedSpan[];
  bytes: number;
}

/** Beside its bytes a span takes so many for its view, its trace's entry and its place in the queue. */
const placeBytes = 512;

export interface QueueLimits {
  /** Of encoded spans and their places, those of the batch that is being sent too. */
  readonly maxBytes: number;
  readonly maxSpans: number;
}

/**
 * Ended spans that wait to be sent, bounded by bytes and by count. Where there is no room the trace that has waited
 * longest is dropped whole: half a trace misleads more than none.
 */
export class SpanQueue {
  private readonly traces = new Map<string, QueuedTrace>();
  private taken: QueuedTrace[] = [];
  private readonly limits: QueueLimits;
  private waitingBytes = 0;
  private waitingSpans = 0;
  private takenBytes = 0;
  private takenSpans = 0;
  /** Spans that were dropped for want of room. */
  dropped = 0;

  constructor(limits: QueueLimits) {
    this.limits = limits;
  }

  get bytes(): number {
    return this.waitingBytes;
  }

  /** Waiting, or being sent. */
  get pending(): number {
    return this.waitingSpans + this.takenSpans;
  }

  get isEmpty(): boolean {
    return this.waitingSpans === 0;
  }

  add(traceId: string, span: EncodedSpan): void {
    const { maxBytes, maxSpans } = this.limits;
    const bytes = span.end - span.start + placeBytes;
    while (this.waitingBytes + this.takenBytes + bytes > maxBytes || this.waitingSpans + this.takenSpans >= maxSpans) {
      const oldest = this.traces.values().next().value;
      if (oldest === undefined) {
        this.dropped++;
        letGo(span.slab);
        return;
      }
      this.remove(oldest);
      this.dropped += oldest.spans.length;
      forget(oldest);
    }
    let trace = this.traces.get(traceId);
    if (trace === undefined) {
      trace = { traceId, spans: [], bytes: 0 };
      this.traces.set(traceId, trace);
    }
    trace.spans.push(span);
    trace.bytes += bytes;
    this.waitingBytes += bytes;
    this.waitingSpans++;
  }

  /**
   * The oldest traces, up to so many bytes and spans but at least one. They count as pending, and their bytes stay as they are,
   * until `release`.
   */
  take(maxBytes: number, maxSpans: number): readonly TraceSpans[] {
    const taken: TraceSpans[] = [];
    for (const trace of this.traces.values()) {
      const full = this.takenBytes + trace.bytes > maxBytes || this.takenSpans + trace.spans.length > maxSpans;
      if (full && taken.length > 0) break;
      taken.push({ traceId: trace.traceId, spans: trace.spans.map(bytesOf) });
      this.taken.push(trace);
      this.remove(trace);
      this.takenBytes += trace.bytes;
      this.takenSpans += trace.spans.length;
    }
    return taken;
  }

  /** What was taken is sent or given up. */
  release(): void {
    this.taken.forEach(forget);
    this.taken = [];
    this.takenBytes = 0;
    this.takenSpans = 0;
  }

  private remove(trace: QueuedTrace): void {
    this.traces.delete(trace.traceId);
    this.waitingBytes -= trace.bytes;
    this.waitingSpans -= trace.spans.length;
  }
}

const forget = ({ spans }: QueuedTrace): void => {
  for (const { slab } of spans) letGo(slab);
};
