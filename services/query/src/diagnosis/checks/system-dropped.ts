import { type Check, words } from "../finding.ts";
import { systemTexts } from "../message-texts.ts";
import { isSelfContained } from "../self-contained.ts";

/** Instructions of one turn that the next turn of the same conversation is without. */
export const systemDropped: Check = ({ turns }) =>
  turns.flatMap(({ before, after }) => {
    const instructions = systemTexts(before.said);
    if (instructions.length === 0 || systemTexts(after.said).length > 0 || !isSelfContained(after)) return [];
    return [
      {
        severity: "error" as const,
        span_id: after.facts.span_id,
        evidence: words(before, "request", instructions[0]!),
        says: "The call goes on with a conversation without the instructions that the call before had.",
        fix: "Send the system message with every call: a provider keeps nothing between calls.",
      },
    ];
  });
