import type { DiagnosedSpan } from "../diagnosed-trace.ts";
import { type Check, words } from "../finding.ts";
import { answerText, partText } from "../message-texts.ts";

const head = 60;

/** A refusal that a later step took for its input. */
export const refusalIgnored: Check = ({ calls, tools }) =>
  calls.flatMap((call) => {
    const { refusal, outcome } = call.facts;
    if (refusal === "none" && outcome !== "refused" && outcome !== "filtered") return [];
    const text = (answerText(call.said) || call.said.refusal || "").trim();
    if (text.length < 12) return [];
    const start = text.slice(0, head);
    const user = [...tools, ...calls].find((later) => later.start >= call.end && takesAsInput(later, start));
    if (user === undefined) return [];
    return [
      {
        severity: "error" as const,
        span_id: user.facts.span_id,
        evidence: words(call, "response", text),
        says: `A ${refusal === "suspected" ? "suspected " : ""}refusal went on as if it were the answer, into ${user.facts.name}.`,
        fix: "Look at the outcome of a call before its text is used; stop, or ask in another way.",
      },
    ];
  });

/** Not as what an assistant said: a conversation goes on after a refusal. */
function takesAsInput({ facts, said }: DiagnosedSpan, start: string): boolean {
  if (facts.role === "tool") return (facts.tool_arguments ?? "").includes(JSON.stringify(start).slice(1, -1));
  const given = said.input.filter(({ role }) => role !== "assistant" && role !== "model");
  return [...said.system, ...given.flatMap(({ parts }) => parts)].some((part) => partText(part).includes(start));
}
