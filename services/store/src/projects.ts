import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { ClickHouse } from "./clickhouse.ts";

const projectName = /^[a-z0-9][a-z0-9_-]{0,62}$/;

export function isProjectName(name: string): boolean {
  return projectName.test(name);
}

/** Throws INVALID_PARAMETER for a name that no project can have. */
export function requireProjectName(name: string): void {
  if (isProjectName(name)) return;
  throw new SpanhouseError(
    "INVALID_PARAMETER",
    `project ${JSON.stringify(name)}: expected 1 to 63 of a-z, 0-9, "-" and "_", starting with a letter or digit`,
  );
}

export interface Projects {
  /** The project exists when it resolves, whoever created it. */
  ensureProject(name: string): Promise<void>;
  /** Every project's `frozen_until` in Unix seconds, 0 where nothing is frozen. */
  frozenTimes(): Promise<ReadonlyMap<string, number>>;
  /** Advances `frozen_until` to Unix seconds; an earlier time than the stored one changes nothing. */
  freeze(name: string, until: number): Promise<void>;
}

export function createProjects(clickhouse: ClickHouse): Projects {
  return {
    async ensureProject(name) {
      requireProjectName(name);
      await clickhouse.command(
        `INSERT INTO projects (project, version)
         SELECT {name:String}, 0 WHERE {name:String} NOT IN (SELECT project FROM projects)`,
        { name },
      );
    },

    async frozenTimes() {
      const rows = await clickhouse.query<{ project: string; frozen: number }>(
        "SELECT project, toUnixTimestamp(max(frozen_until)) AS frozen FROM projects GROUP BY project",
        {},
      );
      return new Map(rows.map((row) => [row.project, row.frozen]));
    },

    async freeze(name, until) {
      requireProjectName(name);
      // The time is its own version, so that of two writers in any order the later time stands.
      await clickhouse.command(
        `INSERT INTO projects (project, version, frozen_until, created_at)
         SELECT {name:String}, {until:UInt32}, toDateTime({until:UInt32}, 'UTC'),
           if(count() = 0, now(), min(created_at)) FROM projects WHERE project = {name:String}`,
        { name, until },
      );
    },
  };
}

/** Every project's `frozen_until` in Unix seconds, 0 for one that nobody froze. */
export type FrozenUntil = (project: string) => number;

export interface FreezeLineOptions {
  readonly refreshMs: number;
  /** Milliseconds that only rise. */
  readonly now: () => number;
}

/**
 * What is frozen, at most `refreshMs` old: one question for all projects, and only while somebody asks. Rejects with what
 * ClickHouse says when it has to be asked and does not answer.
 */
export function createFreezeLine(
  projects: Pick<Projects, "frozenTimes">,
  { refreshMs, now }: FreezeLineOptions,
): () => Promise<FrozenUntil> {
  let readAt = Number.NEGATIVE_INFINITY;
  let times: ReadonlyMap<string, number> = new Map();

  return async function freezeLine() {
    const asked = now();
    if (asked - readAt >= refreshMs) {
      times = await projects.frozenTimes();
      readAt = asked;
    }
    return (project) => times.get(project) ?? 0;
  };
}
