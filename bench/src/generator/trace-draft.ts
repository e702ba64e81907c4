import type { PlannedSpan } from "./planned-span.ts";
import type { Random } from "./random.ts";
import type { Service } from "./services.ts";

/** What a span need not say where it is planned: the trace knows it, or it is the usual. */
type Sketch = Pick<
  PlannedSpan,
  "parentSpanId" | "name" | "role" | "operation" | "startUs" | "endUs" | "ending" | "texts"
> & {
  readonly [Field in keyof PlannedSpan]?: PlannedSpan[Field] | undefined;
} & {
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

  add(sketch: Sketch): PlannedSpan {
    const { traceId, service, userId, conversationId, feature, identified } = this.facts;
    const isCall = sketch.role === "call";
    const known = sketch.anonymous !== true;
    const identifies =
      known &&
      (identified === "every span" || (identified === "the root" ? sketch.parentSpanId === undefined : isCall));
    // Every field, always in this order: all spans are of one shape, or the engine is many times slower with them.
    const span: PlannedSpan = {
      traceId,
      spanId: sketch.spanId ?? this.newSpanId(),
      parentSpanId: sketch.parentSpanId,
      service: sketch.service ?? service,
      scope: sketch.scope ?? "support.app",
      name: sketch.name,
      role: sketch.role,
      operation: sketch.operation,
      startUs: sketch.startUs,
      endUs: sketch.endUs,
      ending: sketch.ending,
      model: sketch.model,
      namesResponseModel: sketch.namesResponseModel ?? false,
      responseId: sketch.responseId,
      usage: sketch.usage,
      repeats: sketch.repeats ?? false,
      attempt: sketch.attempt ?? 1,
      userId: identifies ? userId : undefined,
      conversationId: identifies ? conversationId : undefined,
      feature: known && isCall ? feature : undefined,
      prompt: sketch.prompt,
      agentName: sketch.agentName,
      tool: sketch.tool,
      texts: sketch.texts,
      earlier: sketch.earlier,
    };
    this.spans.push(span);
    return span;
  }

  replace(span: PlannedSpan, by: PlannedSpan): void {
    this.spans[this.spans.indexOf(span)] = by;
  }
}
