import { unref } from "./runtime.ts";
import type { Span } from "./span.ts";

const announceAfterMs = 5_000;
const sweepEveryMs = 1_000;

/**
 * The spans that have not ended, oldest first. One that is open for longer than 5 seconds is announced once, so that a hung
 * tool is seen. One timer serves all, and stops when nothing is open.
 */
export class OpenSpans {
  private readonly spans = new Set<Span>();
  private readonly announce: (span: Span) => void;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(announce: (span: Span) => void) {
    this.announce = announce;
  }

  add(span: Span): void {
    this.spans.add(span);
    this.timer ??= unref(setInterval(() => this.sweep(), sweepEveryMs));
  }

  delete(span: Span): void {
    this.spans.delete(span);
  }

  private sweep(): void {
    if (this.spans.size === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
      return;
    }
    for (const span of this.spans) {
      if (span.elapsedMs() < announceAfterMs) return;
      if (span.announced) continue;
      span.announced = true;
      this.announce(span);
    }
  }
}
