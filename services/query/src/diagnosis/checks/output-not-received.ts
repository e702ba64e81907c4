import type { DiagnosedSpan, DiagnosedTrace } from "../diagnosed-trace.ts";
import { type Check, type Observation, words } from "../finding.ts";
import { everythingHeard } from "../message-texts.ts";
import { isSelfContained } from "../self-contained.ts";
import { missingToolsOf } from "../trace-tools.ts";

/** The result of a tool, or what a retrieval found, that no later call was sent although there were some. */
export const outputNotReceived: Check = (trace) => [...unreturned(trace), ...unread(trace)];

function unreturned(trace: DiagnosedTrace): Observation[] {
  return missingToolsOf(trace).flatMap((missing) => {
    if (missing.kind !== "tool_result") return [];
    const tool = trace.tools.find(({ facts }) => facts.span_id === missing.spanId);
    const later = tool && nextCall(trace, tool);
    if (!tool || !later || tool.facts.tool_result === null) return [];
    return [
      {
        severity: "error",
        span_id: later.facts.span_id,
        evidence: words(tool, "tool_result", tool.facts.tool_result),
        says: `The result of ${missing.toolName} is in no call after it.`,
        fix: "Append the result as a message of the tool, with the id of its call, before the model is called again.",
      },
    ];
  });
}

const head = 30;

function unread(trace: DiagnosedTrace): Observation[] {
  return trace.retrievals.flatMap((retrieval) => {
    const documents = retrieval.said.documents
      .map(({ content }) => content?.trim() ?? "")
      .filter((text) => text !== "");
    const later = trace.calls.filter((call) => call.start >= retrieval.end && call.facts.family === "generate");
    if (documents.length === 0 || later.length === 0 || !later.every(isSelfContained)) return [];
    const heard = later.map(({ said }) => everythingHeard(said));
    if (documents.some((text) => heard.some((prompt) => prompt.includes(text.slice(0, head))))) return [];
    return [
      {
        severity: "error",
        span_id: later[0]!.facts.span_id,
        evidence: words(retrieval, "documents", documents[0]!),
        says: `None of the ${documents.length} retrieved documents is in a call after the retrieval.`,
        fix: "Put the documents into the prompt: look for a variable that is dropped between retrieval and call.",
      },
    ];
  });
}

/** One that goes on from the call that asked for the tool: another conversation of the trace owes it nothing. */
function nextCall({ calls, turns }: DiagnosedTrace, tool: DiagnosedSpan): DiagnosedSpan | undefined {
  const asked = calls.find(({ said }) => said.output.some(({ parts }) => parts.some((part) => isCallOf(part, tool))));
  const turn = turns.find(({ before, after }) => before === asked && after.start >= tool.end);
  const sibling = calls.find(
    ({ facts, start }) => start >= tool.end && facts.parent_span_id === asked?.facts.parent_span_id,
  );
  const later = turn?.after ?? sibling;
  return later && isSelfContained(later) ? later : undefined;
}

function isCallOf(
  part: { readonly type: string; readonly id?: unknown; readonly name?: unknown },
  { facts }: DiagnosedSpan,
) {
  if (part.type !== "tool_call") return false;
  return facts.tool_call_id === "" || part.id === null ? part.name === facts.tool_name : part.id === facts.tool_call_id;
}
