/** One HTTP request of a wrapped client, as it is about to go over the wire. */
export interface WorldRequest {
  /** `openai.chat`, `anthropic.messages`, …: which of the provider's APIs is asked. */
  readonly api: string;
  readonly url: string;
  /** As the client gave it to `fetch`; the body among it is what will be sent, byte for byte. */
  readonly init: RequestInit;
  /** The body as a span tells it: media taken out, redacted. */
  readonly asked: () => string;
  /** 1 for the first; more where the client sends the same call again. */
  readonly attempt: number;
  /** Of the span of this call. */
  readonly traceId: string;
  readonly spanId: string;
}

/** One run of a wrapped tool or retriever. */
export interface WorldWork {
  readonly kind: "tool" | "retrieval";
  readonly name: string;
  /** What it was called with, in order. */
  readonly arguments: readonly unknown[];
  /** The same as its span tells it, redacted. */
  readonly asked: string;
  /** What the function gives: a promise, where it is an async function; else, for all that is known, a value. */
  readonly returns: "value" | "promise" | "iterator" | "async iterator";
  readonly traceId: string;
  readonly spanId: string;
}

/** A span as it begins. */
export interface BegunSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** Of a model call its operation, as its model is not known yet. */
  readonly name: string;
}

/** A value that is another one each time. */
export interface WorldValue {
  readonly name: string;
  /** How many of the name the span had before. */
  readonly index: number;
  readonly spanId: string;
}

/**
 * All that a traced program asks of the world outside of it: model calls, tools, retrievals. This is the seam at which a
 * recording can stand in for the world. Promises of every implementation:
 *
 * - `request` resolves to a Response of the kind that `live` gives (status, headers, and a body that can be read once, as
 *   a stream while it is produced), or rejects as `live` does when no answer came. It never reads or changes `init.body`,
 *   and honours `init.signal`: once aborted, it rejects or its body breaks with the signal's reason.
 * - `work` returns what `live` returns, or throws what it throws: a value, a promise or an iterable, whichever the tool
 *   has. An implementation that does not call `live` gives the same shape.
 * - Both call `live` at most once. Neither keeps a reference to what it was given after it has settled.
 * - The span's ids say where in the tree of the trace this happens: `began` is told each span before anything is asked
 *   for it, its parent before it.
 * - `value` returns what `live` returns, or a value of the same kind that JSON can say.
 */
export interface World {
  request(request: WorldRequest, live: () => Promise<Response>): Promise<Response>;
  work<Result>(work: WorldWork, live: () => Result): Result;
  value?<T>(value: WorldValue, live: () => T): T;
  began?(span: BegunSpan): void;
}

/** The world itself: every request goes to the network, every tool runs. */
export const liveWorld: World = {
  request: (_request, live) => live(),
  work: (_work, live) => live(),
};
