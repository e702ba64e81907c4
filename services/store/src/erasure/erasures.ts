import { createHash } from "node:crypto";
import type { ClickHouse } from "../clickhouse.ts";

/** A person of a project, as the list of erasures knows it. */
export interface ErasedUser {
  readonly project: string;
  /** 64 lowercase hex digits. */
  readonly userHash: string;
}

/** One go at erasing a person, as the list has it. */
export interface ErasureRun extends ErasedUser {
  /** A UUID. */
  readonly run: string;
  readonly askedBy: string;
  readonly reason: string;
}

/** What the list says of a run. */
export interface ListedErasure extends ErasureRun {
  /** RFC 3339, by the server. */
  readonly begunAt: string;
  /** Null: it died, or is still going on; the next run of that person goes through everything again. */
  readonly endedAt: string | null;
  /** As `end` was told; null until then. */
  readonly report: unknown;
}

/** What consumers ask of the list. */
export interface ErasureList {
  /** Changes when the list does. */
  readonly revision: string;
  /** Whether anybody of the project was erased. */
  concerns(project: string): boolean;
  /** The person's hash where that person was erased. */
  erased(project: string, userId: string): string | undefined;
}

export interface Erasures {
  /** From when it resolves on, consumers blank what comes of that person: at the latest when they look again after a write. */
  begin(run: ErasureRun): Promise<void>;
  /** As `begin`, and some consumer will run it. */
  ask(run: ErasureRun): Promise<void>;
  /** Runs that were asked for and have not ended, the oldest first. */
  open(): Promise<readonly ErasureRun[]>;
  end(run: ErasureRun, report: unknown): Promise<void>;
  /** The runs of a project, the newest first. */
  list(project: string): Promise<readonly ListedErasure[]>;
  /** Every person that was ever to be erased. */
  users(): Promise<readonly ErasedUser[]>;
}

/** What is kept of a person's id: enough to know it again, in that project alone. */
export function userHashOf(project: string, userId: string): string {
  return createHash("sha256").update(`${project}\0${userId}`).digest("hex");
}

export function createErasures(clickhouse: ClickHouse): Erasures {
  async function append(event: "asked" | "begun" | "ended", run: ErasureRun, report: string): Promise<void> {
    await clickhouse.command(
      `INSERT INTO erasures (project, user_hash, run, event, asked_by, reason, report)
       SELECT {project:String}, toFixedString(unhex({userHash:String}), 32), {run:UUID}, {event:String}, {askedBy:String},
         {reason:String}, {report:String}`,
      { ...run, event, report },
    );
  }

  return {
    begin: (run) => append("begun", run, ""),
    ask: (run) => append("asked", run, ""),
    async open() {
      return clickhouse.query<ErasureRun>(
        `SELECT project, lower(hex(user_hash)) AS userHash, toString(run) AS run, any(asked_by) AS askedBy,
           any(reason) AS reason
         FROM erasures GROUP BY project, user_hash, run
         HAVING countIf(event = 'asked') > 0 AND countIf(event = 'ended') = 0 ORDER BY min(at), run`,
      );
    },
    end: (run, report) => append("ended", run, JSON.stringify(report)),
    async list(project) {
      const rows = await clickhouse.query<Omit<ListedErasure, "report"> & { readonly told: string }>(
        `SELECT project, lower(hex(user_hash)) AS userHash, toString(run) AS run, any(asked_by) AS askedBy,
           any(reason) AS reason, formatDateTime(min(at), '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS begunAt,
           if(countIf(event = 'ended') = 0, NULL, formatDateTime(max(at), '%Y-%m-%dT%H:%i:%SZ', 'UTC')) AS endedAt,
           maxIf(report, event = 'ended') AS told
         FROM erasures WHERE project = {project:String} GROUP BY project, user_hash, run ORDER BY min(at) DESC, run`,
        { project },
      );
      return rows.map(({ told, ...row }) => ({ ...row, report: told === "" ? null : (JSON.parse(told) as unknown) }));
    },
    async users() {
      return clickhouse.query<ErasedUser>("SELECT DISTINCT project, lower(hex(user_hash)) AS userHash FROM erasures");
    },
  };
}

/** The list as it is now; read again only when it has grown. */
export function createErasureList(clickhouse: ClickHouse): () => Promise<ErasureList> {
  const erasures = createErasures(clickhouse);
  let known: ErasureList = listOf("0", []);

  return async function currentErasures() {
    // Only ever appended to: it is the same as long as it has as many rows.
    const [row] = await clickhouse.queryRows<[string]>("SELECT toString(count()) FROM erasures");
    if (row![0] !== known.revision) known = listOf(row![0], await erasures.users());
    return known;
  };
}

function listOf(revision: string, users: readonly ErasedUser[]): ErasureList {
  const byProject = new Map<string, Set<string>>();
  for (const { project, userHash } of users) {
    byProject.set(project, (byProject.get(project) ?? new Set()).add(userHash));
  }
  return {
    revision,
    concerns: (project) => byProject.has(project),
    erased(project, userId) {
      const hashes = byProject.get(project);
      if (!hashes || userId === "") return undefined;
      const hash = userHashOf(project, userId);
      return hashes.has(hash) ? hash : undefined;
    },
  };
}
