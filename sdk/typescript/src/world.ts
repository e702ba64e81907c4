/** One HTTP request of a wrapped client, as it is about to go over the wire. */
export interface WorldRequest {
  /** `openai.chat`, `anthropic.messages`, …: which of the provider's APIs is asked. */
  readonly api: string;
  readonly url: string;
  /** As the client gave it to `fetch`; the body among it is what will be sent, byte for byte. */
  readonly init: RequestInit;
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
  readonly traceId: string;
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
 * - The span's ids say where in the tree of the trace this happens: what is active above it can be known by them.
 */
export interface World {
  request(request: WorldRequest, live: () => Promise<Response>): Promise<Response>;
  work<Result>(work: WorldWork, live: () => Result): Result;
}

/** The world itself: every request goes to the network, every tool runs. */
export const liveWorld: World = {
  request: (_request, live) => live(),
  work: (_work, live) => live(),
};
