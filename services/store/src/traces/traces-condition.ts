import { fixedStringLiteral, stringLiteral } from "../sql-literal.ts";
import type { TraceKey } from "./trace-key.ts";

/** A condition over `project` and `trace_id`, by which a table that is ordered by them is read. */
export function tracesCondition(traces: readonly TraceKey[]): string {
  const ids = new Map<string, string[]>();
  for (const { project, traceId } of traces) {
    const known = ids.get(project);
    if (known) known.push(traceId);
    else ids.set(project, [traceId]);
  }
  return [...ids]
    .map(
      ([project, own]) =>
        `(project = ${stringLiteral(project)} AND trace_id IN (${own.map(fixedStringLiteral).join(", ")}))`,
    )
    .join(" OR ");
}
