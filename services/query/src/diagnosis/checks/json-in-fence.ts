import { type Check, words } from "../finding.ts";
import { askedForm, fencedJson, wholeAnswer } from "../response-format.ts";

/** JSON was asked for, and came between the marks of a code block. */
export const jsonInFence: Check = ({ calls }) =>
  calls.flatMap((call) => {
    const answer = wholeAnswer(call);
    if (answer === undefined || !askedForm(call) || !fencedJson(answer)) return [];
    return [
      {
        severity: "error" as const,
        span_id: call.facts.span_id,
        evidence: words(
          call,
          "response",
          answer.slice(answer.indexOf("```"), answer.indexOf("\n", answer.indexOf("```"))),
        ),
        says: "The answer is JSON inside a code block: a parser of JSON fails at its first character.",
        fix: "Ask for JSON by the provider's response format, or take the marks off before parsing.",
      },
    ];
  });
