import { type AttributeList, type AttributeValue, put } from "./attributes.ts";
import { wallTimeOf } from "./clock.ts";
import { newSpanId, newTraceId } from "./ids.ts";
import type { Tracer } from "./tracer.ts";

/** OTLP's numbers of span kinds. */
export const spanKind = { internal: 1, client: 3 } as const;

/** What a span needs to know of the one above it, which may be in another process. */
export interface Parent {
  readonly traceId: string;
  readonly spanId: string;
  /** What holds for all spans below. */
  readonly inherited: AttributeList;
}

export interface SpanEvent {
  readonly name: string;
  readonly timeMs: number;
  readonly attributes: AttributeList;
}

/** A span from its start to its end. It is written down when it ends (`Tracer.end`). */
export class Span implements Parent {
  readonly traceId: string;
  spanId: string = newSpanId();
  readonly parentSpanId: string | undefined;
  readonly inherited: AttributeList;
  /** Unix milliseconds with fractions. */
  readonly startMs: number;
  readonly attributes: AttributeList = [];
  readonly events: SpanEvent[] = [];
  /** The message of the error that it ended with. */
  error: string | undefined;
  ended = false;
  announced = false;
  /** To be told when the span is announced: it has been open for long. */
  watcher: { watch(): void } | undefined;
  readonly tracer: Tracer;
  readonly kind: number;
  name: string;
  private readonly startedAt: number;

  constructor(
    tracer: Tracer,
    name: string,
    kind: number,
    parent: Parent | undefined,
    inherited: AttributeList = parent?.inherited ?? none,
    /** When it started, where that has passed: Unix milliseconds. */
    startMs?: number,
  ) {
    this.tracer = tracer;
    this.name = name;
    this.kind = kind;
    this.traceId = parent?.traceId ?? newTraceId();
    this.parentSpanId = parent?.spanId || undefined;
    this.inherited = inherited;
    this.startedAt = performance.now();
    this.startMs = startMs ?? wallTimeOf(this.startedAt);
  }

  /** Milliseconds since its start, by the monotonic clock. */
  elapsedMs(): number {
    return performance.now() - this.startedAt;
  }

  set(name: string, value: AttributeValue | Uint8Array | null | undefined): void {
    put(this.attributes, name, value);
  }

  /** The same, in place of what was said by that name. */
  replace(name: string, value: AttributeValue): void {
    const at = this.attributes.indexOf(name);
    if (at >= 0 && at % 2 === 0) this.attributes[at + 1] = value;
    else this.set(name, value);
  }

  /** Says that it failed. `type` is the error's class; a value that is no Error is said as text. */
  fail(error: unknown): void {
    if (this.error !== undefined) return;
    const { type, message, stack } = describeError(error);
    this.error = message;
    this.set("error.type", type);
    this.events.push({
      name: "exception",
      timeMs: this.startMs + this.elapsedMs(),
      attributes: ["exception.type", type, "exception.message", message, "exception.stacktrace", stack],
    });
  }
}

const none: AttributeList = [];

const describeError = (error: unknown): { readonly type: string; readonly message: string; readonly stack: string } => {
  try {
    if (error instanceof Error) {
      const type = error.name !== "Error" ? error.name : error.constructor.name || error.name;
      const message = error.message || type;
      return { type, message, stack: error.stack ?? message };
    }
    const message = String(error);
    return { type: typeof error, message, stack: message };
  } catch {
    return { type: "unknown", message: "an error that cannot be read", stack: "" };
  }
};
