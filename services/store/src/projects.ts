import { quarantineBucket } from "@spanhouse/schemas/bucket";
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

/** The name under which the line of all projects is stored: below it no project takes a span, not even one to come. */
export const everyProject = "";

export interface Frozen {
  /** Unix seconds; 0: nothing is frozen. */
  readonly until: number;
  /** Since when the line is there, Unix seconds by the server. */
  readonly at: number;
}

export interface Projects {
  /** The project exists when it resolves, whoever created it. */
  ensureProject(name: string): Promise<void>;
  /** By name. */
  list(): Promise<readonly string[]>;
  /** The line of each project, and that of `everyProject`. */
  frozen(): Promise<ReadonlyMap<string, Frozen>>;
  /** Every project's `frozen_until` in Unix seconds, 0 where nothing is frozen; `everyProject`'s holds for all. */
  frozenTimes(): Promise<ReadonlyMap<string, number>>;
  /** Advances `frozen_until` to Unix seconds; an earlier time than the stored one, or the same, changes nothing. */
  freeze(name: string, until: number): Promise<void>;
}

export function createProjects(clickhouse: ClickHouse): Projects {
  async function frozen(): Promise<ReadonlyMap<string, Frozen>> {
    const rows = await clickhouse.query<{ project: string; until: number; at: number }>(
      `SELECT project, toUnixTimestamp(max(frozen_until)) AS until, toUnixTimestamp(argMax(frozen_at, version)) AS at
       FROM projects GROUP BY project`,
    );
    return new Map(rows.map(({ project, until, at }) => [project, { until, at }]));
  }

  return {
    async ensureProject(name) {
      requireProjectName(name);
      await clickhouse.command(
        `INSERT INTO projects (project, version)
         SELECT {name:String}, 0 WHERE {name:String} NOT IN (SELECT project FROM projects)`,
        { name },
      );
    },

    async list() {
      const rows = await clickhouse.queryRows<[string]>(
        "SELECT DISTINCT project FROM projects WHERE project != {all:String} ORDER BY project",
        { all: everyProject },
      );
      return rows.map(([name]) => name);
    },

    frozen,

    async frozenTimes() {
      return new Map([...(await frozen())].map(([project, { until }]) => [project, until]));
    },

    async freeze(name, until) {
      if (name !== everyProject) requireProjectName(name);
      // The time is its own version, so that of two writers in any order the later time stands.
      await clickhouse.command(
        `INSERT INTO projects (project, version, frozen_until, created_at)
         SELECT {name:String}, {until:UInt32}, toDateTime({until:UInt32}, 'UTC'),
           if(count() = 0, now(), min(created_at)) FROM projects WHERE project = {name:String}
         HAVING max(frozen_until) < toDateTime({until:UInt32}, 'UTC')`,
        { name, until },
      );
    },
  };
}

/** Every project's `frozen_until` in Unix seconds, 0 for one that nobody froze. */
export type FrozenUntil = (project: string) => number;

export interface FreezeLineOptions {
  readonly refreshMs: number;
  readonly uptime: () => number;
}

/** Whether a minute lies below the line of its project. The quarantine of impossible ends is never frozen. */
export function isFrozen(frozenUntil: FrozenUntil, { project, bucket }: FrozenPlace): boolean {
  return bucket !== quarantineBucket && bucket * 60 < frozenUntil(project);
}

interface FrozenPlace {
  readonly project: string;
  /** Minutes since the epoch. */
  readonly bucket: number;
}

/** Asked before every use: what is frozen then. */
export type FreezeLine = () => Promise<FrozenUntil>;

/**
 * What is frozen, at most `refreshMs` old: one question for all projects, and only while somebody asks. Rejects with what
 * ClickHouse says when it has to be asked and does not answer.
 */
export function createFreezeLine(
  projects: Pick<Projects, "frozenTimes">,
  { refreshMs, uptime }: FreezeLineOptions,
): FreezeLine {
  let readAt = Number.NEGATIVE_INFINITY;
  let times: ReadonlyMap<string, number> = new Map();

  return async function freezeLine() {
    const asked = uptime();
    if (asked - readAt >= refreshMs) {
      times = await projects.frozenTimes();
      readAt = asked;
    }
    const ofAll = times.get(everyProject) ?? 0;
    return (project) => Math.max(times.get(project) ?? 0, ofAll);
  };
}
