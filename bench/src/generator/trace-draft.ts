import type { PlannedSpan } from "./planned-span.ts";
import type { Random } from "./random.ts";
import type { Service } from "./services.ts";

/** What a span need not say where it is planned: the trace knows it, or it is the usual. */
type Sketch = Omit<
  PlannedSpan,
  "traceId" | "spanId" | "service" | "scope" | "namesResponseModel" | "repeats" | "attempt"
> &
  Partial<PlannedSpan> & {
    /** Instrumented by something that knows nothing of users and features. */
    readonly anonymous?: boolean;
  };

export interface TraceFacts {
  readonly random: Random;
  readonly traceId: string;
  readonly service: Service;
  readonly userId: string | undefined;
  readonly conversationId: string | undefined;
  readonly feature: string | undefined;
  /** Which spans say whose the trace is. */
  readonly identified: "every span" | "the root" | "calls";
}

/** A trace while it is made up: its spans so far, and a clock that runs as they do. */
export class TraceDraft {
  readonly facts: TraceFacts;
  readonly spans: PlannedSpan[] = [];
  /** Unix microseconds. */
  nowUs: number;

  constructor(facts: TraceFacts, startUs: number) {
    this.facts = facts;
    this.nowUs = startUs;
  }

  get random(): Random {
    return this.facts.random;
  }

  newSpanId(): string {
    return this.random.hex(8);
  }

  /** Lets milliseconds pass, and returns the new time. */
  pass(leastMs: number, greatestMs: number): number {
    this.nowUs += this.random.int(leastMs * 1000, greatestMs * 1000);
    return this.nowUs;
  }

  add({ anonymous = false, ...sketch }: Sketch): PlannedSpan {
    const { traceId, service, userId, conversationId, feature, identified } = this.facts;
    const tells =
      identified === "every span" ||
      (identified === "the root" ? sketch.parentSpanId === undefined : sketch.role === "call");
    const span: PlannedSpan = {
      traceId,
      spanId: this.newSpanId(),
      service,
      scope: "support.app",
      namesResponseModel: false,
      repeats: false,
      attempt: 1,
      ...(tells && !anonymous && userId !== undefined && { userId }),
      ...(tells && !anonymous && conversationId !== undefined && { conversationId }),
      ...(sketch.role === "call" && !anonymous && feature !== undefined && { feature }),
      ...sketch,
    };
    this.spans.push(span);
    return span;
  }

  replace(span: PlannedSpan, by: PlannedSpan): void {
    this.spans[this.spans.indexOf(span)] = by;
  }
}
