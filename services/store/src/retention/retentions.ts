import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { ClickHouse } from "../clickhouse.ts";
import { everyProject, requireProjectName } from "../projects.ts";

/**
 * What is kept for a time of its own. `payloads`: texts and attributes, though never longer than spans. `spans`: spans, traces and scores. `rollups`: what
 * is summed up. `open_spans`: spans that were announced and never ended.
 */
export const keptKinds = ["payloads", "spans", "rollups", "open_spans"] as const;
export type Kept = (typeof keptKinds)[number];

/** Days; 0: for ever. */
export type RetentionDays = Readonly<Record<Kept, number>>;

/** Where nobody says anything. Announced spans are gone after seven days whatever is set: their table ends them. */
export const builtInRetention: RetentionDays = { payloads: 0, spans: 0, rollups: 0, open_spans: 7 };

export interface RetentionChange {
  /** `everyProject`: of all that say nothing themselves. */
  readonly project: string;
  /** Of each kind named: days, or null to go by all projects again. */
  readonly days: Readonly<Partial<Record<Kept, number | null>>>;
  readonly changedBy: string;
  readonly reason: string;
}

export interface RetentionSettings {
  /** What holds for a project. */
  of(project: string): RetentionDays;
  /** Of the kinds that the project itself says something of. */
  own(project: string): Partial<RetentionDays>;
  /** The projects that say something themselves. */
  readonly projects: readonly string[];
}

export interface Retentions {
  current(): Promise<RetentionSettings>;
  /** What would hold. Throws INVALID_PARAMETER for what cannot be meant. */
  check(change: RetentionChange): Promise<RetentionSettings>;
  /** In force when it resolves. Throws as `check`. */
  set(change: RetentionChange): Promise<RetentionSettings>;
}

export function createRetentions(clickhouse: ClickHouse): Retentions {
  async function current(): Promise<RetentionSettings> {
    const rows = await clickhouse.query<{ project: string; kept: Kept; days: number; inherit: boolean }>(
      `SELECT project, kept, days, inherit FROM retentions
       ORDER BY project, kept, changed_at DESC, days DESC LIMIT 1 BY project, kept`,
    );
    const own = new Map<string, Partial<Record<Kept, number>>>();
    for (const { project, kept, days, inherit } of rows) {
      if (!inherit) own.set(project, { ...own.get(project), [kept]: days });
    }
    return settingsOf(own);
  }

  async function check({ project, days }: RetentionChange): Promise<RetentionSettings> {
    if (project !== everyProject) requireProjectName(project);
    const before = await current();
    const own = new Map([...before.projects, everyProject, project].map((name) => [name, { ...before.own(name) }]));
    const changed = own.get(project)! as Partial<Record<Kept, number>>;
    for (const [kept, value] of Object.entries(days) as [Kept, number | null][]) {
      if (value === null) delete changed[kept];
      else changed[kept] = value;
    }
    const after = settingsOf(own);
    for (const name of own.keys()) requireSense(name, after.of(name));
    return after;
  }

  return {
    current,
    check,
    async set(change) {
      const { project, days, changedBy, reason } = change;
      const after = await check(change);
      for (const [kept, value] of Object.entries(days)) {
        await clickhouse.command(
          `INSERT INTO retentions (project, kept, days, inherit, changed_by, reason)
           VALUES ({project:String}, {kept:String}, {days:UInt32}, {inherit:Bool}, {changedBy:String}, {reason:String})`,
          { project, kept, days: value ?? 0, inherit: value === null, changedBy, reason },
        );
      }
      return after;
    },
  };
}

function settingsOf(own: ReadonlyMap<string, Partial<Record<Kept, number>>>): RetentionSettings {
  return {
    of: (project) => ({ ...builtInRetention, ...own.get(everyProject), ...own.get(project) }),
    own: (project) => own.get(project) ?? {},
    projects: [...own.keys()].filter((project) => project !== everyProject).sort(),
  };
}

/** Spans that no sum has any more would be of no use, and the line leads by a day. */
function requireSense(project: string, days: RetentionDays): void {
  const whose = project === everyProject ? "all projects" : `project ${project}`;
  const wrong = (what: string) => new SpanhouseError("INVALID_PARAMETER", `${whose}: ${what}`);
  for (const kept of keptKinds) {
    if (!Number.isInteger(days[kept]) || days[kept] < 0 || days[kept] > 36_500) {
      throw wrong(`${kept}: expected whole days from 0 (for ever) to 36500; got ${days[kept]}`);
    }
  }
  if (days.spans === 1)
    throw wrong("spans: expected 2 days at least, since a day is frozen before it is dropped; got 1");
  if (days.open_spans < 1 || days.open_spans > 7) {
    throw wrong(`open_spans: expected 1 to 7 days; got ${days.open_spans}`);
  }
  if (days.rollups !== 0 && (days.spans === 0 || days.spans > days.rollups)) {
    throw wrong(
      `spans are kept for ${text(days.spans)} and rollups for ${text(days.rollups)}; expected rollups as long at least`,
    );
  }
}

function text(days: number): string {
  return days === 0 ? "ever" : `${days} days`;
}
