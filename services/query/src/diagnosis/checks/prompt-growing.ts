import type { DiagnosedSpan } from "../diagnosed-trace.ts";
import { type Check, type Observation, words } from "../finding.ts";
import { partText } from "../message-texts.ts";

/** Shorter texts are said again for good reasons: Yes. Thanks. Error: not found. */
const shortest = 80;
const manyCopies = 3;

/** A text that comes once more into the prompt as a conversation goes on. */
export const promptGrowing: Check = ({ turns }) => {
  const next = new Map(turns.map(({ before, after }) => [before, after]));
  const continued = new Set(turns.map(({ after }) => after));
  return turns.filter(({ before }) => !continued.has(before)).flatMap(({ before }) => growing(before, next));
};

function growing(first: DiagnosedSpan, next: ReadonlyMap<DiagnosedSpan, DiagnosedSpan>): Observation[] {
  const line: DiagnosedSpan[] = [];
  for (let call: DiagnosedSpan | undefined = first; call; call = next.get(call)) line.push(call);
  const copies = line.map(copiesOf);
  const [last, end] = [line.at(-1)!, copies.at(-1)!];
  for (const [text, count] of end) {
    const counts = copies.map((one) => one.get(text) ?? 0);
    const rises = counts.every((one, i) => i === 0 || one >= counts[i - 1]!);
    if (count < manyCopies || !rises || new Set(counts).size < manyCopies) continue;
    return [
      {
        severity: "warning",
        span_id: last.facts.span_id,
        evidence: words(last, "request", text),
        says: `The same text of ${text.length} characters stands ${count} times in the prompt, ever more as the conversation goes on (${first.facts.input_tokens} input tokens in the first of ${line.length} calls, ${last.facts.input_tokens} in the last).`,
        fix: "Put instructions and context into the prompt once; keep in the history only what was said.",
      },
    ];
  }
  return [];
}

function copiesOf({ said }: DiagnosedSpan): Map<string, number> {
  const count = new Map<string, number>();
  // Results of tools may repeat: the call did. That is another check's.
  const texts = [...said.system, ...said.input.flatMap(({ parts }) => parts)]
    .filter(({ type }) => type === "text")
    .flatMap((part) => partText(part).split(/\n{2,}/))
    .map((text) => text.trim());
  for (const text of texts) if (text.length >= shortest) count.set(text, (count.get(text) ?? 0) + 1);
  return count;
}
