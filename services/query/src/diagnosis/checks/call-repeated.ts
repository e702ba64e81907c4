import type { DiagnosedSpan } from "../diagnosed-trace.ts";
import { type Check, type Observation, words } from "../finding.ts";
import { grouped } from "../grouped.ts";
import { calledTools, canonical, plain, userTexts } from "../message-texts.ts";

/** A tool asked for the same again and giving the same, or a model sent the same request after it had answered it. */
export const callRepeated: Check = ({ calls, tools }) => {
  const shown = new Set(tools.map(({ facts }) => facts.tool_name));
  const asked = calls.flatMap((call) =>
    calledTools(call.said)
      .filter(({ name }) => !shown.has(name))
      .map((part) => ({
        span: call,
        name: part.name,
        key: canonical([part.name, part.arguments, questionsIn(call)]),
        given: plain(part.arguments),
      })),
  );
  const askers = new Map(calls.flatMap((call) => calledTools(call.said).map(({ id }) => [id, call])));
  const toolKey = ({ facts }: DiagnosedSpan) => {
    const asker = askers.get(facts.tool_call_id);
    return canonicalTool(facts, asker ? questionsIn(asker) : 0);
  };
  return [
    ...repeated(grouped(tools.filter(succeeded), toolKey).map(inTurn)).map(toolObservation),
    ...repeated(grouped(asked, ({ key }) => key))
      .filter(({ times }) => times >= 3)
      .map(({ last, times }) => ({
        severity: "warning" as const,
        span_id: last.span.facts.span_id,
        evidence: words(last.span, "response", last.given),
        says: `The model called ${last.name} ${times} times with the same arguments.`,
        fix,
      })),
    ...repeated(grouped(calls.filter(succeeded), ({ facts }) => requestKey(facts)).map(inTurn)).map(modelObservation),
  ];
};

const fix =
  "Give the result back where the model sees it, keep results by arguments, and end a loop that gets nothing new.";

interface Repeated<T> {
  readonly last: T;
  readonly times: number;
}

function repeated<T>(groups: readonly (readonly T[])[]): Repeated<T>[] {
  return groups.filter(({ length }) => length > 1).map((group) => ({ last: group.at(-1)!, times: group.length }));
}

/** One after the other: several at once are asked for on purpose. */
function inTurn(spans: readonly DiagnosedSpan[]): DiagnosedSpan[] {
  let end = 0n;
  return spans.filter((span) => {
    if (span.start < end) return false;
    end = span.end;
    return true;
  });
}

function succeeded({ facts }: DiagnosedSpan): boolean {
  return facts.outcome === "ok";
}

/** Who asks again may be told again: a repetition is of one question. */
function questionsIn({ said }: DiagnosedSpan): number {
  return userTexts(said).length;
}

function canonicalTool(
  { tool_name, tool_arguments, tool_result }: DiagnosedSpan["facts"],
  question: number,
): string | undefined {
  if (tool_arguments === null) return undefined;
  return `${question}\n${tool_name}\n${canonicalText(tool_arguments)}\n${tool_result}`;
}

function canonicalText(text: string): string {
  try {
    return canonical(JSON.parse(text));
  } catch {
    return text;
  }
}

/** An embedding of the same text, or a rerank, may be asked for by two who do not know of each other. */
function requestKey({ request, family }: DiagnosedSpan["facts"]): string | undefined {
  return family === "generate" && request !== null ? request : undefined;
}

function toolObservation({ last, times }: Repeated<DiagnosedSpan>): Observation {
  const { span_id, tool_name, tool_arguments } = last.facts;
  return {
    severity: times >= 3 ? "error" : "warning",
    span_id,
    evidence: words(last, "tool_arguments", tool_arguments ?? ""),
    says: `${tool_name} ran ${times} times with the same arguments and gave the same result.`,
    fix,
  };
}

function modelObservation({ last, times }: Repeated<DiagnosedSpan>): Observation {
  const { span_id, request } = last.facts;
  return {
    severity: "warning",
    span_id,
    evidence: words(last, "request", request ?? ""),
    says: `The same request was sent ${times} times, each after the one before had been answered.`,
    fix: "Keep the answer, or find what makes the program ask again.",
  };
}
