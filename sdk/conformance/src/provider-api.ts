import type { Answer } from "./answer.ts";
import type { InvalidRequest, Prompt } from "./prompt.ts";

/** One answer on its way: everything an API needs to spell it. */
export interface Exchange {
  readonly request: Readonly<Record<string, unknown>>;
  readonly prompt: Prompt;
  readonly answer: Answer;
  /** The model that the API says answered (an alias resolves to a dated name). */
  readonly responseModel: string;
  /** Unix seconds. */
  readonly created: number;
  /** A new id of `length` base-62 characters behind the prefix, never given twice. */
  id(prefix: string, length: number): string;
}

/** A server-sent event; OpenAI chat has none of the names. */
export interface SseEvent {
  readonly event?: string;
  readonly data: unknown;
}

/** How an answer looks on the wire: whole, or as events. `usage` is what `body` or `events` carry, null for none. */
export interface Spelling {
  readonly responseId: string;
  /** Of a body that is no JSON: it is sent as the text that it is. */
  readonly type?: string;
  readonly body: () => unknown;
  readonly events: () => readonly SseEvent[];
  /** Of events that are no server-sent ones: the type of their stream, and each on the wire. */
  readonly frame?: { readonly type: string; of(event: SseEvent): Uint8Array };
  readonly usage: unknown;
}

/** An answer that the API gives as an HTTP error. */
export interface RefusedByApi {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Seconds. */
  readonly retryAfter?: number | undefined;
}

/** One endpoint of a provider. A new API is one such file, added to the list in `provider-simulator.ts`. */
export interface ProviderApi {
  readonly name: string;
  readonly provider: Provider;
  /** Path of the POST; of a pattern, the groups `model` and `method` say what other APIs have in the body. */
  readonly path: string | RegExp;
  read(body: unknown): Prompt | InvalidRequest;
  spell(exchange: Exchange): Spelling | RefusedByApi;
}

/** What the endpoints of one provider share: its key, its headers and its errors. */
export interface Provider {
  readonly name: "openai" | "azure" | "anthropic" | "google" | "amazon";
  /** The key as the request carries it; undefined when there is none. */
  key(headers: Readonly<Record<string, string | string[] | undefined>>): string | undefined;
  headers(reply: ReplyFacts): Readonly<Record<string, string>>;
  /** Of an error beyond those of every reply. */
  errorHeaders?(error: { readonly code: string }): Readonly<Record<string, string>>;
  errorBody(error: { status: number; code: string; message: string; requestId: string }): unknown;
  /** What the provider says of this status when a script says no more. */
  defaultError(status: number, model: string): { readonly code: string; readonly message: string };
}

export interface ReplyFacts {
  readonly requestId: string;
  readonly processingMs: number;
  readonly limited: boolean;
  readonly inputTokens: number;
  readonly now: Date;
}
