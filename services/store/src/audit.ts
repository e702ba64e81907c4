import { randomUUID } from "node:crypto";
import type { ClickHouse } from "./clickhouse.ts";

export interface AuditEntry {
  readonly project: string;
  /** Of the key that asked. */
  readonly keyId: string;
  /** `key.create`, `key.revoke`, … */
  readonly action: string;
  readonly subject: string;
  /** Never a secret. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What was changed by the API, and by whom. Append-only. */
export interface Audit {
  /** Durable when it resolves: to be called before the change. */
  record(entry: AuditEntry): Promise<void>;
}

export function createAudit(clickhouse: ClickHouse): Audit {
  return {
    async record({ project, keyId, action, subject, detail }) {
      await clickhouse.command(
        `INSERT INTO audit (project, id, key_id, action, subject, detail) VALUES
         ({project:String}, {id:String}, {keyId:String}, {action:String}, {subject:String}, {detail:String})`,
        { project, id: randomUUID(), keyId, action, subject, detail: JSON.stringify(detail) },
      );
    },
  };
}
