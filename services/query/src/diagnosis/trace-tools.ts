import { type MissingTool, missingTools } from "@spanhouse/schemas/missing-tools";
import type { DiagnosedSpan, DiagnosedTrace } from "./diagnosed-trace.ts";
import { calledTools } from "./message-texts.ts";

/** What of the trace's tools is missing, by the texts of its calls; of a trace that is not whole nothing is known. */
export function missingToolsOf({ calls, tools, whole }: DiagnosedTrace): readonly MissingTool[] {
  if (!whole) return [];
  return missingTools(
    [...calls, ...tools].map(({ facts, said, start }: DiagnosedSpan) => ({
      ...{ spanId: facts.span_id, role: facts.role, startTime: start, fidelity: facts.fidelity },
      ...{ toolName: facts.tool_name, toolCallId: facts.tool_call_id },
      calls: facts.role === "model" ? calledTools(said).map(({ id, name }) => ({ id: id ?? "", name })) : [],
      results: facts.role === "model" ? resultsIn(said) : [],
    })),
  );
}

function resultsIn({ input }: DiagnosedSpan["said"]): string[] {
  return input
    .flatMap(({ parts }) => parts)
    .flatMap((part) => (part.type === "tool_call_response" ? [part.id ?? part.name ?? ""] : []));
}
