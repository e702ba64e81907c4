import type { DiagnosedSpan } from "./diagnosed-trace.ts";

/** Its messages are all that the model was told: all of them could be read, and the provider adds none that it kept. */
export function isSelfContained({ facts, said, request }: DiagnosedSpan): boolean {
  const kept = request.previous_response_id ?? request.conversation ?? request.cachedContent;
  const { fidelity } = facts;
  return said.unread.length === 0 && said.input.length > 0 && (kept ?? null) === null && fidelity !== "redacted";
}
