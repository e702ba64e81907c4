import type { Span } from "../span.ts";
import type { Json } from "./json.ts";
import type { StreamText } from "./stream-text.ts";

/** One API of a provider: how its bodies are read. A new API is one such file, and a line in its client's list. */
export interface ProviderApi {
  /** `openai.chat`, `anthropic.messages`, … */
  readonly name: string;
  /** A `gen_ai.operation.name`. */
  readonly operation: string;
  /** Sets `gen_ai.request.*`. The model is set by the caller. */
  request(body: Json, span: Span): void;
  /** Sets what a whole JSON answer says. */
  answer(body: Json, span: Span): void;
  /** Sets what a streamed answer says, as far as it came. True when it came to its end. */
  stream(text: StreamText, span: Span): boolean;
}

/** An error that was told within a stream, after the status 200. */
export class StreamError extends Error {
  override readonly name = "APIError";
}
