import { type Check, fact, words } from "../finding.ts";
import { answerText } from "../message-texts.ts";

/** An answer that the token limit cut off. */
export const finishLength: Check = ({ calls }) =>
  calls
    .filter(({ facts }) => facts.outcome === "truncated")
    .map((call) => {
      const end = answerText(call.said).slice(-80);
      const reason = call.facts.finish_reasons.join(", ") || "truncated";
      return {
        severity: "warning" as const,
        span_id: call.facts.span_id,
        evidence: end === "" ? fact(call, `finish reason ${reason}`) : words(call, "response", end),
        says: `The answer ends at the token limit (${reason}, ${call.facts.output_tokens} output tokens).`,
        fix: "Raise the limit of output tokens, ask for less, or go on where it ended.",
      };
    });
