import type { ErrorClass, Outcome, Refusal } from "@spanhouse/schemas/outcome";
import type { OutcomeSignals } from "@spanhouse/schemas/span";
import { describe, expect, it } from "vitest";
import { classify } from "../../src/derive/classify.ts";
import { suggestsRefusal } from "../../src/derive/suspected-refusal.ts";

const quiet: OutcomeSignals = {
  statusCode: 0,
  statusMessage: "",
  errorType: "",
  errorMessage: "",
  httpStatus: 0,
  refusalText: "",
  refusalExplicit: false,
  answerStart: "",
  answerLength: 0,
  hasToolCalls: false,
  aborted: false,
};

function classified(signals: Partial<OutcomeSignals>, ...finishReasons: readonly string[]) {
  return classify({ role: "model", family: "generate", finishReasons, signals: { ...quiet, ...signals } });
}

describe("finish reasons, as providers spell them", () => {
  it.each<[string, Outcome, Refusal]>([
    ["stop", "ok", "none"],
    ["end_turn", "ok", "none"],
    ["tool_calls", "ok", "none"],
    ["length", "truncated", "none"],
    ["max_tokens", "truncated", "none"],
    ["MAX_TOKENS", "truncated", "none"],
    ["max_output_tokens", "truncated", "none"],
    ["model_context_window_exceeded", "truncated", "none"],
    ["refusal", "refused", "explicit"],
    ["content_filter", "filtered", "filtered"],
    ["SAFETY", "filtered", "filtered"],
    ["guardrail_intervened", "filtered", "filtered"],
    ["cancelled", "aborted", "none"],
    ["a_reason_of_tomorrow", "ok", "none"],
  ])("%s is %s", (reason, outcome, refusal) => {
    expect(classified({}, reason)).toMatchObject({ outcome, refusal, errorClass: "none" });
  });

  it("takes the worst of several choices", () => {
    expect(classified({}, "stop", "content_filter").outcome).toBe("filtered");
  });
});

describe("errors, as SDKs name them", () => {
  it.each<[string, number, ErrorClass]>([
    ["RateLimitError", 0, "rate_limit"],
    ["openai.RateLimitError", 429, "rate_limit"],
    ["insufficient_quota", 429, "rate_limit"],
    ["429", 429, "rate_limit"],
    ["APIConnectionTimeoutError", 0, "timeout"],
    ["APITimeoutError", 0, "timeout"],
    ["ReadTimeout", 0, "timeout"],
    ["Error", 504, "timeout"],
    ["AuthenticationError", 401, "authentication"],
    ["PermissionDeniedError", 0, "authentication"],
    ["authentication_error", 0, "authentication"],
    ["BadRequestError", 400, "invalid_request"],
    ["NotFoundError", 0, "invalid_request"],
    ["UnprocessableEntityError", 0, "invalid_request"],
    ["invalid_request_error", 400, "invalid_request"],
    ["context_length_exceeded", 400, "invalid_request"],
    ["content_filter", 400, "content_policy"],
    ["InternalServerError", 500, "server"],
    ["overloaded_error", 529, "server"],
    ["api_error", 0, "server"],
    ["APIConnectionError", 0, "network"],
    ["ECONNRESET", 0, "network"],
    ["ECONNABORTED", 0, "network"],
    ["SomethingElse", 0, "unknown"],
  ])("%s (%i) is %s", (errorType, httpStatus, errorClass) => {
    expect(classified({ statusCode: 2, errorType, httpStatus })).toMatchObject({ outcome: "error", errorClass });
  });

  it.each(["APIUserAbortError", "AbortError", "CancelledError"])("%s is an abort", (errorType) => {
    expect(classified({ statusCode: 2, errorType })).toMatchObject({ outcome: "aborted", errorClass: "none" });
  });

  it("is a tool's where a tool failed", () => {
    const failed = classify({
      role: "tool",
      family: "none",
      finishReasons: [],
      signals: { ...quiet, statusCode: 2, errorType: "TimeoutError", errorMessage: "no answer\nat search" },
    });
    expect(failed).toEqual({ outcome: "error", refusal: "none", errorClass: "tool", message: "no answer" });
  });

  it("keeps at most 200 characters of a message", () => {
    expect(classified({ statusCode: 2, errorMessage: "x".repeat(500) }).message).toHaveLength(200);
  });
});

describe("refusals", () => {
  it("believes the provider's own field, whatever the finish reason", () => {
    expect(classified({ refusalExplicit: true, refusalText: "I can't.\nSorry." }, "stop")).toEqual({
      outcome: "refused",
      refusal: "explicit",
      errorClass: "none",
      message: "I can't.",
    });
  });

  it("keeps a suspicion apart from the outcome", () => {
    const answerStart = "I'm sorry, but I can't help with that.";
    expect(classified({ answerStart, answerLength: answerStart.length }, "stop")).toMatchObject({
      outcome: "ok",
      refusal: "suspected",
    });
    expect(classified({ answerStart, answerLength: answerStart.length, hasToolCalls: true }).refusal).toBe("none");
  });

  it.each([
    "I'm sorry, but I can't assist with that request.",
    "I’m sorry, but I cannot help with that.",
    "Sorry, I can't help with that.",
    "I cannot provide instructions for that.",
    "I can't create content that sexualizes minors.",
    "I won't write that.",
    "As an AI language model, I cannot provide medical advice.",
    "Unfortunately, I am unable to assist with this request.",
    "I'm unable to help with that.",
    "I apologize, but I cannot fulfill this request.",
  ])("suspects %s", (answer) => {
    expect(suggestsRefusal(answer, answer.length)).toBe(true);
  });

  it.each([
    "I'm sorry to hear that your order is late. It will arrive tomorrow.",
    "Sorry for the delay! Here is your summary.",
    'The assistant said "I can\'t help with that", which was wrong.',
    "I couldn't find anything about that in the provided documents.",
    "I cannot provide the answer, as it is not in the provided context.",
    "I can help with that.",
    "You can't help everyone.",
    "",
  ])("does not suspect %s", (answer) => {
    expect(suggestsRefusal(answer, answer.length)).toBe(false);
  });

  it("does not suspect a long answer", () => {
    expect(suggestsRefusal("I can't help with that, but let me explain", 4_000)).toBe(false);
  });
});
