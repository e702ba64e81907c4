import type { ErrorClass } from "@spanhouse/schemas/outcome";
import type { DiagnosedSpan } from "../diagnosed-trace.ts";
import { type Check, fact, type Observation } from "../finding.ts";

/** What fails the same way however often it is sent. */
const lasting = new Set<ErrorClass>(["invalid_request", "authentication", "content_policy"]);
const hopeless = 4;

/** Tries that could not succeed: of an error that stays, or so many in vain. */
export const retriesWasted: Check = ({ calls, tools }) =>
  [...runsOf(calls, callKey), ...runsOf(tools, toolKey)].flatMap((run) => observed(run));

/** Failed tries of the same, in a row. */
function runsOf(
  spans: readonly DiagnosedSpan[],
  keyOf: (span: DiagnosedSpan) => string | undefined,
): DiagnosedSpan[][] {
  const open = new Map<string, DiagnosedSpan[]>();
  const runs: DiagnosedSpan[][] = [];
  for (const span of spans) {
    const key = keyOf(span);
    if (key === undefined) continue;
    const run = open.get(key);
    if (run && span.start >= run.at(-1)!.end) run.push(span);
    else runs.push(open.set(key, [span]).get(key)!);
    if (span.facts.outcome !== "error") open.delete(key);
  }
  return runs;
}

function callKey({ facts }: DiagnosedSpan): string | undefined {
  const { parent_span_id, request_model, request } = facts;
  return request === null ? undefined : `${parent_span_id}\n${request_model}\n${request}`;
}

function toolKey({ facts }: DiagnosedSpan): string | undefined {
  const { tool_name, tool_arguments } = facts;
  return tool_arguments === null ? undefined : `${tool_name}\n${tool_arguments}`;
}

function observed(run: readonly DiagnosedSpan[]): Observation[] {
  const failed = run.filter(({ facts }) => facts.outcome === "error");
  const vain = failed.findIndex(({ facts }, i) => i < run.length - 1 && lasting.has(facts.error_class));
  const last = run.at(-1)!;
  const { error_class, message, span_id } = (failed[Math.max(0, vain)] ?? last).facts;
  const stays = vain >= 0 && last.facts.outcome === "error";
  if (!stays && failed.length < hopeless) return [];
  return [
    {
      severity: "warning",
      span_id: last.facts.span_id,
      evidence: { ...fact(last, `${error_class}: ${message}`), span_id },
      says: stays
        ? `The same was tried ${run.length} times, although ${error_class} stays what it is.`
        : `${failed.length} tries of the same failed (${error_class}).`,
      fix: stays
        ? "Try again only after rate limits, timeouts, network and server errors."
        : "Wait longer between tries, by Retry-After where it is given, and give up earlier.",
    },
  ];
}
