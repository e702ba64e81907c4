import type { ToolFacts } from "@spanhouse/schemas/missing-tools";
import type { Fidelity, Role } from "@spanhouse/schemas/span";
import type { ProjectReader } from "./project-reader.ts";
import { boundTraceIds, inSpansOf, standingFirst } from "./trace-keys.ts";

type Row = readonly [
  ...[spanId: string, role: Role, start: string, fidelity: Fidelity, toolName: string, toolCallId: string],
  ...[names: readonly string[], ids: readonly string[], results: readonly string[]],
];

/** The tools of a trace and the calls that may have called them; what is not counted is left out. */
export async function readTraceTools(reader: ProjectReader, traceId: string): Promise<ToolFacts[]> {
  const rows = await reader.queryRows<Row>(
    `SELECT lower(hex(span_id)), role, toUnixTimestamp64Nano(start_time), fidelity, tool_name, tool_call_id,
       called_tools, called_tool_ids, returned_tool_calls
     FROM spans FINAL
     WHERE ${inSpansOf(boundTraceIds)} AND (role = 'tool' OR role = 'model') AND NOT void AND NOT aggregate
     ORDER BY span_id, ${standingFirst} LIMIT 1 BY span_id`,
    { trace_ids: [traceId] },
  );
  return rows.map(([spanId, role, start, fidelity, toolName, toolCallId, names, ids, results]) => ({
    spanId,
    role,
    startTime: BigInt(start),
    fidelity,
    toolName,
    toolCallId,
    calls: names.map((name, i) => ({ id: ids[i] ?? "", name })),
    results,
  }));
}
