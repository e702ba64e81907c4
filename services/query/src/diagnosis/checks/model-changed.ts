import type { DiagnosedSpan } from "../diagnosed-trace.ts";
import { type Check, fact } from "../finding.ts";

/** One requested model, answered by several within the trace. */
export const modelChanged: Check = ({ calls }) => {
  const first = new Map<string, DiagnosedSpan>();
  return calls.flatMap((call) => {
    const { provider, request_model, response_model, span_id } = call.facts;
    if (request_model === "" || response_model === "") return [];
    const key = `${provider}\n${request_model}`;
    const before = first.get(key);
    first.set(key, call);
    if (before === undefined || before.facts.response_model === response_model) return [];
    return [
      {
        severity: "warning" as const,
        span_id,
        evidence: fact(call, `${before.facts.response_model} → ${response_model}`),
        says: `${request_model} was answered by ${before.facts.response_model} before and by ${response_model} here.`,
        fix: "Ask for a dated version of the model, so that it changes when you do.",
      },
    ];
  });
};
