import { objectOf, parseJson, wordOf } from "@spanhouse/schemas/json-value";
import type { DiagnosedSpan } from "../diagnosed-trace.ts";
import { type Check, fact, words } from "../finding.ts";
import { answerText, calledTools } from "../message-texts.ts";

/** Words by which an answer says that something did not work. */
const admits =
  /\b(?:error|fail|unable|cannot|can't|could ?n[o']t|couldn't|sorry|unavailable|not available|unfortunately|problem|issue|try again|wasn't able|not able|down|timed? ?out|no access|not found|did not work|didn't work|apolog|went wrong|leider|fehler|erreur|désolé|impossible|lo siento|no pude|purtroppo|infelizmente)/i;

/** A tool failed, nobody tried again, and the answer that followed says nothing of it. */
export const toolErrorIgnored: Check = ({ tools, calls }) =>
  tools.flatMap((tool) => {
    const error = errorOf(tool);
    if (error === undefined) return [];
    const later = calls.filter(({ start, facts }) => start >= tool.end && facts.family === "generate");
    const answer = later.find(({ said }) => calledTools(said).length === 0 && answerText(said) !== "");
    const again = tools.some(
      (one) =>
        one.facts.tool_name === tool.facts.tool_name &&
        one.start >= tool.end &&
        one.end <= (answer?.start ?? 0n) &&
        errorOf(one) === undefined,
    );
    // A call of another tool is a way round; only an answer can pass over it.
    const wayRound = later[0] !== undefined && later[0] !== answer;
    if (answer === undefined || again || wayRound || answer.facts.refusal !== "none") return [];
    const text = answerText(answer.said);
    if (admits.test(text)) return [];
    return [
      {
        severity: "error" as const,
        span_id: answer.facts.span_id,
        evidence:
          error.words === "" ? fact(tool, tool.facts.message || "error") : words(tool, "tool_result", error.words),
        says: `${tool.facts.tool_name} failed, and the answer after it says nothing of that.`,
        fix: "Give the error back to the model as the tool's result, marked as an error, and tell it to say what it could not find out.",
      },
    ];
  });

/** By its outcome, or by a result that says of itself that it is an error. */
function errorOf({ facts }: DiagnosedSpan): { readonly words: string } | undefined {
  const said = facts.tool_result === null ? undefined : objectOf(parseJson(facts.tool_result));
  const text = wordOf(said?.error) ?? wordOf(objectOf(said?.error)?.message);
  if (facts.outcome === "error") return { words: text ?? "" };
  if (said?.isError === true || said?.is_error === true || said?.status === "error" || text !== undefined) {
    return { words: text ?? facts.tool_result ?? "" };
  }
  const plain = facts.tool_result ?? "";
  return /^"?(?:Error|Exception|Traceback)\b/.test(plain) ? { words: plain } : undefined;
}
