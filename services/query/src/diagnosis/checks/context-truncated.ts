import type { DiagnosedSpan } from "../diagnosed-trace.ts";
import { type Check, words } from "../finding.ts";
import { conversation, partText } from "../message-texts.ts";
import { isSelfContained } from "../self-contained.ts";

/** So much of a text tells it from others. */
const telling = 40;

/** Messages, or ends of messages, of one turn that the next turn of the same conversation is without. */
export const contextTruncated: Check = ({ turns }) =>
  turns.flatMap(({ before, after }) => {
    if (!isSelfContained(before) || !isSelfContained(after)) return [];
    const now = heard(after);
    // Who makes a long history short in words of its own leaves out messages on purpose.
    if (now.some((text) => /\bsummar/i.test(text))) return [];
    const known = new Set(now);
    const lost = heard(before).filter((text) => !known.has(text) && !stands(text, now));
    if (lost.length === 0) return [];
    const cut = lost.find((text) => now.some((other) => other.length >= telling && text.startsWith(other)));
    const first = cut ?? lost[0]!;
    return [
      {
        severity: "warning" as const,
        span_id: after.facts.span_id,
        evidence: words(before, "request", first),
        says:
          cut === undefined
            ? `${lost.length} of the ${known.size + lost.length} texts of the conversation are gone since the call before.`
            : `A text of the call before is here without its end: ${lost.length} of the conversation changed so.`,
        fix: "Keep the messages that later turns refer to, or put a summary in their place; look for a limit on messages or characters.",
      },
    ];
  });

function heard({ said }: DiagnosedSpan): string[] {
  return conversation(said)
    .flatMap(({ parts }) => parts.filter(({ type }) => type === "text" || type === "tool_call_response"))
    .map((part) => partText(part).trim())
    .filter((text) => text !== "");
}

/** A question that was sent with context is often kept without it: its words are there, not at the text's beginning. */
function stands(text: string, now: readonly string[]): boolean {
  return now.some((other) => other.length >= 8 && text.length > other.length && text.indexOf(other) > 0);
}
