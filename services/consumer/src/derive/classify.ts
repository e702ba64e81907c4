import type { ErrorClass, Outcome, Refusal } from "@spanhouse/schemas/outcome";
import type { NormalisedSpan } from "@spanhouse/schemas/span";
import { errorClassOf, isAbort } from "./error-class.ts";
import { firstLine } from "./short-text.ts";
import { suggestsRefusal } from "./suspected-refusal.ts";

export interface Classification {
  readonly outcome: Outcome;
  readonly refusal: Refusal;
  readonly errorClass: ErrorClass;
  /** At most 200 characters: the refusal's first line, or the error's message. */
  readonly message: string;
}

const truncatedReasons: ReadonlySet<string> = new Set([
  "length",
  "max_tokens",
  "max_output_tokens",
  "max_completion_tokens",
  "model_context_window_exceeded",
  "model_length",
  "incomplete",
  "error_limit",
]);

const filteredReasons: ReadonlySet<string> = new Set([
  "content_filter",
  "content_filtered",
  "guardrail_intervened",
  "safety",
  "recitation",
  "blocklist",
  "prohibited_content",
  "spii",
  "image_safety",
  "model_armor",
  "image_prohibited_content",
  "image_recitation",
  "error_toxic",
  "sensitive",
]);

const abortedReasons: ReadonlySet<string> = new Set(["cancelled", "canceled", "aborted", "abort", "user_cancel"]);
/** The model's answer was none: a call of a tool that cannot be read (Gemini, Bedrock), or a fault of the provider. */
const failedReasons: ReadonlySet<string> = new Set([
  "error",
  "failed",
  "malformed_function_call",
  "unexpected_tool_call",
  "malformed_model_output",
  "malformed_tool_use",
  "insufficient_system_resource",
]);
const refusedReasons: ReadonlySet<string> = new Set(["refusal"]);

const statusError = 2;

const plain: Classification = { outcome: "ok", refusal: "none", errorClass: "none", message: "" };

/**
 * How a span ended, from the signals that any dialect gives. What failed is an error whatever else it says; what the
 * provider says itself comes before what only the words suggest: a suspected refusal leaves the outcome as it is.
 */
export function classify(span: Pick<NormalisedSpan, "role" | "family" | "finishReasons" | "signals">): Classification {
  const { signals, finishReasons } = span;
  if (signals.aborted || isAbort(signals.errorType) || hasReason(finishReasons, abortedReasons)) {
    return { ...plain, outcome: "aborted", message: errorMessage(span) };
  }
  if (hasFailed(span)) return failure(span);
  if (signals.refusalExplicit || hasReason(finishReasons, refusedReasons)) {
    return {
      outcome: "refused",
      refusal: "explicit",
      errorClass: "none",
      message: firstLine(signals.refusalText || signals.answerStart),
    };
  }
  if (signals.filtered || hasReason(finishReasons, filteredReasons)) {
    return {
      outcome: "filtered",
      refusal: "filtered",
      errorClass: "none",
      message: firstLine(signals.refusalText || signals.answerStart),
    };
  }
  const suspected = isSuspected(span);
  const outcome = hasReason(finishReasons, truncatedReasons) ? "truncated" : "ok";
  if (!suspected) return outcome === "ok" ? plain : { ...plain, outcome };
  return { outcome, refusal: "suspected", errorClass: "none", message: firstLine(signals.answerStart) };
}

/** Outside of calls the instrumentation judges: a server that answers 404 has not failed. */
function hasFailed({ role, signals, finishReasons }: Parameters<typeof classify>[0]): boolean {
  return (
    signals.statusCode === statusError ||
    signals.errorType !== "" ||
    (role === "model" && signals.httpStatus >= 400) ||
    hasReason(finishReasons, failedReasons)
  );
}

/** A provider that filters the prompt answers with an error: it counts as both. */
function failure(span: Parameters<typeof classify>[0]): Classification {
  const { signals } = span;
  const errorClass =
    span.role === "tool" ? "tool" : errorClassOf(signals.errorType, signals.httpStatus, signals.errorCode);
  return {
    outcome: "error",
    refusal: errorClass === "content_policy" || signals.filtered ? "filtered" : "none",
    errorClass,
    message: errorMessage(span),
  };
}

function errorMessage({ signals }: Pick<NormalisedSpan, "signals">): string {
  return firstLine(signals.errorMessage || signals.statusMessage || signals.errorType);
}

/** Only a generation can refuse, and one that calls a tool has not. */
function isSuspected({ role, family, signals }: Parameters<typeof classify>[0]): boolean {
  return (
    role === "model" &&
    family === "generate" &&
    !signals.hasToolCalls &&
    suggestsRefusal(signals.answerStart, signals.answerLength)
  );
}

/** Reasons are spelt in upper and lower case, with `_` or (Vercel) `-`; of several choices one suffices. */
function hasReason(finishReasons: readonly string[], reasons: ReadonlySet<string>): boolean {
  for (const reason of finishReasons) {
    if (reasons.has(reason) || reasons.has(reason.toLowerCase().replaceAll("-", "_"))) return true;
  }
  return false;
}
