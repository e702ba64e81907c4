import type { ErrorClass, Outcome, Refusal } from "@spanhouse/schemas/outcome";

/** How a span ended: what it says of that, and what it must be understood as. */
export interface Ending {
  readonly outcome: Outcome;
  readonly refusal: Refusal;
  readonly errorClass: ErrorClass;
  /** OpenAI's word and Anthropic's. */
  readonly finishReason?: { readonly openai: string; readonly anthropic: string };
  readonly error?: { readonly type: string; readonly status?: number; readonly message: string };
  /** Said in the SDK's own attribute. */
  readonly refusalText?: string;
  /** Begins the answer instead of prose. */
  readonly answer?: string;
}

const fine = { outcome: "ok", refusal: "none", errorClass: "none" } as const;
const failed = (errorClass: ErrorClass, type: string, message: string, status?: number): Ending => ({
  outcome: "error",
  refusal: "none",
  errorClass,
  error: { type, message, ...(status === undefined ? {} : { status }) },
});

export const endings = {
  answered: { ...fine, finishReason: { openai: "stop", anthropic: "end_turn" } },
  calledTools: { ...fine, finishReason: { openai: "tool_calls", anthropic: "tool_use" } },
  truncated: { ...fine, outcome: "truncated", finishReason: { openai: "length", anthropic: "max_tokens" } },
  refused: {
    outcome: "refused",
    refusal: "explicit",
    errorClass: "none",
    finishReason: { openai: "stop", anthropic: "refusal" },
    refusalText: "This request goes against the usage policy.",
  },
  filtered: {
    outcome: "filtered",
    refusal: "filtered",
    errorClass: "none",
    finishReason: { openai: "content_filter", anthropic: "content_filtered" },
  },
  suspected: {
    ...fine,
    refusal: "suspected",
    finishReason: { openai: "stop", anthropic: "end_turn" },
    answer: "I'm sorry, but I can't help with that request.",
  },
  aborted: {
    ...fine,
    outcome: "aborted",
    error: { type: "APIUserAbortError", message: "Request was aborted." },
  },
  forbidden: {
    ...failed("content_policy", "content_policy_violation", "Your request was rejected by the safety system.", 400),
    refusal: "filtered",
  },
  rateLimited: failed("rate_limit", "RateLimitError", "429 Rate limit reached for requests", 429),
  serverError: failed("server", "InternalServerError", "500 The server had an error", 500),
  timedOut: failed("timeout", "APIConnectionTimeoutError", "Request timed out."),
  disconnected: failed("network", "APIConnectionError", "Connection error."),
  toolFailed: failed("tool", "OrderNotFound", "no order has this number"),
  /** Of spans that are neither call nor tool: nothing is said. */
  done: fine,
} as const satisfies Record<string, Ending>;
