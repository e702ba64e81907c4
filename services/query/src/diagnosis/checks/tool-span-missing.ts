import { type Check, words } from "../finding.ts";
import { missingToolsOf } from "../trace-tools.ts";

/** An answer calls a tool that no span shows, and the conversation went on. */
export const toolSpanMissing: Check = (trace) =>
  missingToolsOf(trace).flatMap((missing) => {
    if (missing.kind !== "tool_span") return [];
    const call = trace.calls.find(({ facts }) => facts.span_id === missing.spanId);
    // The last answer may wait for a person, or for another trace.
    if (call === undefined || (!missing.returned && !trace.turns.some(({ before }) => before === call))) return [];
    return [
      {
        severity: missing.returned ? ("info" as const) : ("warning" as const),
        span_id: missing.spanId,
        evidence: words(call, "response", missing.toolCallId || missing.toolName),
        says: missing.returned
          ? `${missing.toolName} ran, as its result came back, and no span shows it.`
          : `The model called ${missing.toolName}; no span shows it, and no result came back.`,
        fix: missing.returned
          ? "Wrap the tool, so that its arguments, time and errors are seen."
          : "Run every tool that the model calls, and give each result back, an error too.",
      },
    ];
  });
