import type { ProjectReader } from "./project-reader.ts";

/** An SDK instance that said when it ended how much it had sent, and of which nothing is stored. */
export interface SilentInstance {
  readonly instance: string;
  /** Everything that it sent is lost. */
  readonly sent: number;
  /** RFC 3339, by the SDK's clock. */
  readonly closedAt: string;
}

/** Those that ended between Unix s. No account of what came has them, for nothing came. */
export async function readSilentInstances(
  reader: ProjectReader,
  from: number,
  to: number,
): Promise<readonly SilentInstance[]> {
  const rows = await reader.query<{ instance: string; sent: string; closed_at: string }>(
    `SELECT instance, max(final_sequence) AS sent, max(closed_at) AS closed_at FROM deliveries
     WHERE project = {project:String}
       AND instance NOT IN (SELECT instance FROM spans WHERE project = {project:String} AND sequence > 0)
       AND instance NOT IN (SELECT instance FROM scores WHERE project = {project:String} AND sequence > 0)
     GROUP BY instance
     HAVING sent > 0 AND closed_at >= toDateTime({from:UInt32}, 'UTC') AND closed_at < toDateTime({to:UInt32}, 'UTC')
     ORDER BY closed_at DESC, instance`,
    { from, to },
  );
  return rows.map(({ instance, sent, closed_at: closedAt }) => ({ instance, sent: Number(sent), closedAt }));
}
