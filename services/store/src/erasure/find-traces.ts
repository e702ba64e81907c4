import type { ClickHouse } from "../clickhouse.ts";
import type { ErasedPerson } from "./remains.ts";

/** Remembers every trace of which some stored row, superseded ones included, names the person. */
export async function rememberTracesOf(
  clickhouse: ClickHouse,
  person: Omit<ErasedPerson, "frozenUntil">,
): Promise<void> {
  const { project, userHash, userId } = person;
  for (const table of ["spans", "open_spans", "traces"]) {
    await clickhouse.command(
      `INSERT INTO erased_traces (project, trace_id, user_hash)
       SELECT DISTINCT project, trace_id, toFixedString(unhex({userHash:String}), 32) FROM ${table}
       WHERE project = {project:String} AND user_id = {userId:String}
         AND trace_id NOT IN (SELECT trace_id FROM erased_traces
           WHERE project = {project:String} AND user_hash = unhex({userHash:String}))`,
      { project, userHash, userId },
    );
  }
}
