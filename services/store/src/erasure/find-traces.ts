import type { ClickHouse } from "../clickhouse.ts";
import type { ErasedUser } from "./erasures.ts";
import type { ErasedPerson } from "./remains.ts";

/** The id of a person as some stored row still says it; undefined: none does. Ids are compared by their hash. */
export async function userIdOf(clickhouse: ClickHouse, { project, userHash }: ErasedUser): Promise<string | undefined> {
  const columns = ["spans", "open_spans", "traces", "scores"].map(
    (table) => `SELECT DISTINCT user_id FROM ${table} WHERE project = {project:String}`,
  );
  const slices = ["rollup_minute", "rollup_hour", "rollup_day"].map(
    (table) =>
      `SELECT DISTINCT arrayJoin(user_id) AS user_id FROM ${table} WHERE project = {project:String} AND kind = 'usage'`,
  );
  const [row] = await clickhouse.queryRows<[string]>(
    `SELECT user_id FROM (${[...columns, ...slices].join(" UNION DISTINCT ")})
     WHERE SHA256(concat({project:String}, char(0), user_id)) = unhex({userHash:String}) LIMIT 1`,
    { project, userHash },
  );
  return row?.[0];
}

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
       WHERE project = {project:String} AND user_id = {userId:String} AND user_id != ''
         AND trace_id NOT IN (SELECT trace_id FROM erased_traces
           WHERE project = {project:String} AND user_hash = unhex({userHash:String}))`,
      { project, userHash, userId },
    );
  }
}
