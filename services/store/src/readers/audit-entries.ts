import type { auditSchema } from "@spanhouse/schemas/api/admin";
import type { z } from "zod";
import type { ProjectReader } from "./project-reader.ts";

type Entry = z.infer<typeof auditSchema>["entries"][number];

/** The newest first. */
export async function readAuditEntries(reader: ProjectReader, limit: number): Promise<readonly Entry[]> {
  const rows = await reader.query<Omit<Entry, "detail"> & { readonly detail: string }>(
    `SELECT at, key_id, action, subject, detail FROM audit WHERE project = {project:String}
     ORDER BY at DESC, id DESC LIMIT {limit:UInt32}`,
    { limit },
  );
  return rows.map(({ detail, ...row }) => ({ ...row, detail: JSON.parse(detail) as Entry["detail"] }));
}
