import type { DiagnosedSpan, DiagnosedTrace } from "../diagnosed-trace.ts";
import { type Check, fact, type Observation } from "../finding.ts";
import { grouped } from "../grouped.ts";
import { answerText, calledTools, everythingHeard, systemTexts } from "../message-texts.ts";

const leastSavedNs = 300_000_000n;

/** Steps that waited for one another without need: the tools of one answer, or calls that know nothing of each other. */
export const sequentialCalls: Check = (trace) => [...toolsOfAnAnswer(trace), ...alikeCalls(trace)];

function toolsOfAnAnswer({ calls, tools }: DiagnosedTrace): Observation[] {
  return calls.flatMap((call) => {
    const ids = new Set(calledTools(call.said).map(({ id }) => id));
    const ran = tools.filter(({ facts }) => facts.tool_call_id !== "" && ids.has(facts.tool_call_id));
    return observed(ran, 2, (names) => `${names}, called by one answer, ran one after the other`);
  });
}

/** Calls of the same instructions below the same parent, as a loop over items makes. */
function alikeCalls({ calls, turns }: DiagnosedTrace): Observation[] {
  const inTurns = new Set(turns.flatMap(({ before, after }) => [before, after]));
  const groups = grouped(calls, (call) => {
    const { parent_span_id, request_model, outcome, family } = call.facts;
    const instructions = systemTexts(call.said).join("\n");
    const alone = !inTurns.has(call) && outcome === "ok" && family === "generate" && instructions !== "";
    return alone ? `${parent_span_id}\n${request_model}\n${instructions}` : undefined;
  });
  return groups
    .filter((group) => group.every((call, i) => group.slice(0, i).every((one) => !knows(call, one))))
    .flatMap((group) =>
      observed(
        group,
        3,
        () =>
          `${group.length} calls of ${group[0]!.facts.request_model} that know nothing of each other ran one after the other`,
      ),
    );
}

function knows(call: DiagnosedSpan, earlier: DiagnosedSpan): boolean {
  const answer = answerText(earlier.said).trim().slice(0, 40);
  return answer === "" || everythingHeard(call.said).includes(answer);
}

function observed(spans: readonly DiagnosedSpan[], least: number, what: (names: string) => string): Observation[] {
  if (spans.length < least || spans.some(({ start }, i) => i > 0 && start < spans[i - 1]!.end)) return [];
  const lengths = spans.map(({ start, end }) => end - start);
  const longest = BigInt(Math.max(...lengths.map(Number)));
  const saved = spans.at(-1)!.end - spans[0]!.start - longest;
  if (saved < leastSavedNs) return [];
  const ms = saved / 1_000_000n;
  const last = spans.at(-1)!;
  return [
    {
      severity: "info",
      span_id: last.facts.span_id,
      evidence: fact(last, `${spans.length} in a row, ${ms} ms more than the longest alone`),
      says: `${what(counted(spans.map(({ facts }) => facts.tool_name)))}: at once they would be ${ms} ms faster.`,
      fix: "Run them at once (Promise.all, asyncio.gather) and give the results back together.",
    },
  ];
}

/** `lookup_order, search_articles ×10`. */
function counted(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count > 1 ? `${name} ×${count}` : name)).join(", ");
}
