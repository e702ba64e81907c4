import type { ClickHouse } from "../clickhouse.ts";
import { RowBinaryWriter } from "../row-binary.ts";
import type { TraceKey } from "../traces/trace-key.ts";
import { tracesCondition } from "../traces/traces-condition.ts";
import type { ErasedUser } from "./erasures.ts";

/** A trace of which some span named an erased person. */
export interface ErasedTrace extends TraceKey, ErasedUser {}

const columns = ["project", "trace_id", "user_hash"] as const;
const tracesPerQuery = 2000;

/** Must be acknowledged before any blanked row of the traces is written. */
export async function rememberErasedTraces(clickhouse: ClickHouse, traces: readonly ErasedTrace[]): Promise<void> {
  const body = new RowBinaryWriter();
  for (const { project, traceId, userHash } of traces) {
    body.string(project);
    body.fixedHex(traceId, 16);
    body.fixedHex(userHash, 32);
  }
  await clickhouse.insert("erased_traces", columns, body.bytes());
}

/** Which of the traces are to be blanked. */
export async function erasedAmong(clickhouse: ClickHouse, traces: readonly TraceKey[]): Promise<TraceKey[]> {
  const found: TraceKey[] = [];
  for (let i = 0; i < traces.length; i += tracesPerQuery) {
    const rows = await clickhouse.queryRows<[string, string]>(
      `SELECT DISTINCT project, lower(hex(trace_id)) FROM erased_traces
       WHERE ${tracesCondition(traces.slice(i, i + tracesPerQuery))}`,
    );
    for (const [project, traceId] of rows) found.push({ project, traceId });
  }
  return found;
}

/** Every trace that was remembered for a person. */
export async function tracesErasedFor(clickhouse: ClickHouse, user: ErasedUser): Promise<TraceKey[]> {
  const rows = await clickhouse.queryRows<[string]>(
    `SELECT DISTINCT lower(hex(trace_id)) FROM erased_traces
     WHERE project = {project:String} AND user_hash = unhex({userHash:String}) ORDER BY 1`,
    { ...user },
  );
  return rows.map(([traceId]) => ({ project: user.project, traceId }));
}
