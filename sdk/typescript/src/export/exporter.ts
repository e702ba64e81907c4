import { unref } from "../runtime.ts";
import type { Batch, Sender, SendOutcome, TraceSpans } from "./sender.ts";
import type { SpanQueue } from "./span-queue.ts";

/** What became of the spans of a process so far, in spans. */
export interface Delivery {
  /** Taken by the receiver. */
  readonly sent: number;
  /** Requests that had to be sent again. */
  readonly retried: number;
  /** Lost for good: no room, refused by the receiver, or given up after the longest time of trying. */
  readonly dropped: number;
  /** Waiting, or on their way. */
  readonly pending: number;
}

export interface ExporterOptions {
  readonly queue: SpanQueue;
  readonly sender: Sender;
  readonly request: Batch["request"];
  /** A span waits at most so long for others before it is sent. */
  readonly intervalMs: number;
  readonly maxBatchBytes: number;
  readonly maxBatchSpans: number;
  /** So long is a batch sent again and again, before it is dropped. */
  readonly giveUpMs: number;
  /** The first and the longest wait before it is sent again; the real one is random between 0 and that. */
  readonly backoffMs: { readonly first: number; readonly longest: number };
  warn(message: string): void;
}

/** Sends what the queue holds, one batch at a time, in the background. Never throws. */
export class Exporter {
  private readonly options: ExporterOptions;
  private sent = 0;
  private retried = 0;
  private dropped = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | undefined;
  /** Cuts a wait between two attempts short; undefined while there is none. */
  private hurry: (() => void) | undefined;

  constructor(options: ExporterOptions) {
    this.options = options;
  }

  get delivery(): Delivery {
    const { queue } = this.options;
    return { sent: this.sent, retried: this.retried, dropped: this.dropped + queue.dropped, pending: queue.pending };
  }

  /** To be told after each span that was queued. */
  noticeSpan(): void {
    if (this.running !== undefined) return;
    if (this.options.queue.bytes >= this.options.maxBatchBytes) this.run();
    else this.timer ??= unref(setTimeout(() => this.run(), this.options.intervalMs));
  }

  /** Settles when nothing is pending, or after so many milliseconds. Keeps the process alive until then. */
  async flush(timeoutMs: number): Promise<void> {
    if (this.options.queue.pending === 0) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    this.hurry?.();
    await Promise.race([timeout, this.run()]);
    clearTimeout(timer);
  }

  /** Hands all that waits to the sender; what it does not do at once is lost with the process. */
  drainNow(): void {
    const { queue, sender, request, maxBatchBytes, maxBatchSpans } = this.options;
    while (!queue.isEmpty) void sender.send({ traces: queue.take(maxBatchBytes, maxBatchSpans), request });
  }

  private run(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.running ??= this.drain().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async drain(): Promise<void> {
    const { queue, maxBatchBytes, maxBatchSpans } = this.options;
    while (!queue.isEmpty) {
      await this.deliver(queue.take(maxBatchBytes, maxBatchSpans));
      queue.release();
    }
  }

  private async deliver(traces: readonly TraceSpans[]): Promise<void> {
    const { sender, request, warn } = this.options;
    const spans = traces.reduce((count, trace) => count + trace.spans.length, 0);
    const drop = (reason: string): void => {
      this.dropped += spans;
      warn(`${spans} spans were dropped: ${reason}`);
    };
    const started = performance.now();
    for (let attempt = 0; ; attempt++) {
      const outcome = await sender.send({ traces, request });
      switch (outcome.kind) {
        case "sent":
          this.sent += spans - outcome.rejected;
          this.dropped += outcome.rejected;
          if (outcome.rejected > 0) warn(`${outcome.rejected} spans were rejected by the receiver`);
          return;
        case "refused":
          return drop(outcome.reason);
        case "too-large": {
          const halves = halvesOf(traces);
          if (halves === undefined) return drop(outcome.reason);
          for (const half of halves) await this.deliver(half);
          return;
        }
        case "retry":
          if (performance.now() - started > this.options.giveUpMs) return drop(outcome.reason);
          warn(`spans could not be sent and will be sent again: ${outcome.reason}`);
          this.retried++;
          await this.backOff(attempt, outcome);
      }
    }
  }

  private backOff(attempt: number, { afterMs }: SendOutcome & { kind: "retry" }): Promise<void> {
    const { first, longest } = this.options.backoffMs;
    const wait = Math.max(afterMs, Math.random() * Math.min(longest, first * 2 ** attempt));
    return new Promise((resolve) => {
      const proceed = (): void => {
        clearTimeout(timer);
        this.hurry = undefined;
        resolve();
      };
      const timer = unref(setTimeout(proceed, wait));
      // What the receiver asked for is waited for even by who is in a hurry.
      if (afterMs === 0) this.hurry = proceed;
    });
  }
}

const halvesOf = (traces: readonly TraceSpans[]): readonly (readonly TraceSpans[])[] | undefined => {
  if (traces.length > 1) {
    const middle = traces.length >> 1;
    return [traces.slice(0, middle), traces.slice(middle)];
  }
  const [trace] = traces;
  if (trace === undefined || trace.spans.length < 2) return undefined;
  const { traceId, spans } = trace;
  const middle = spans.length >> 1;
  return [[{ traceId, spans: spans.slice(0, middle) }], [{ traceId, spans: spans.slice(middle) }]];
};
