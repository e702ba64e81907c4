import type { ClickHouse } from "../clickhouse.ts";
import { requireProjectName } from "../projects.ts";

/** What a project may send; undefined: without limit. */
export interface ProjectLimits {
  /** Of a calendar month, UTC. */
  readonly tracesPerMonth: number | undefined;
  readonly spansPerSecond: number | undefined;
  /** Of bodies as they are after inflating. */
  readonly bytesPerSecond: number | undefined;
}

export const noLimits: ProjectLimits = {
  tracesPerMonth: undefined,
  spansPerSecond: undefined,
  bytesPerSecond: undefined,
};

/** The limits in ClickHouse. Every method throws what ClickHouse throws when it does not answer. */
export interface ProjectLimitsTable {
  /** Of the projects that have limits of their own. */
  all(): Promise<ReadonlyMap<string, ProjectLimits>>;
  /** In place of what the project had; durable when it resolves. */
  set(project: string, limits: ProjectLimits): Promise<void>;
}

/** `traces_month`, `spans_second`, `bytes_second` as ClickHouse writes them. */
export function limitsOfRow([traces, spans, bytes]: readonly [string, string, string]): ProjectLimits {
  return { tracesPerMonth: numberOf(traces), spansPerSecond: numberOf(spans), bytesPerSecond: numberOf(bytes) };
}

const numberOf = (stored: string): number | undefined => (stored === "0" ? undefined : Number(stored));

export function createProjectLimits(clickhouse: ClickHouse): ProjectLimitsTable {
  return {
    async all() {
      const rows = await clickhouse.queryRows<[string, string, string, string]>(
        "SELECT project, traces_month, spans_second, bytes_second FROM project_limits FINAL",
      );
      return new Map(rows.map(([project, ...row]) => [project, limitsOfRow(row)]));
    },

    async set(project, { tracesPerMonth = 0, spansPerSecond = 0, bytesPerSecond = 0 }) {
      requireProjectName(project);
      await clickhouse.command(
        `INSERT INTO project_limits (project, version, traces_month, spans_second, bytes_second)
         SELECT {project:String}, max(version) + 1, {traces:UInt64}, {spans:UInt64}, {bytes:UInt64}
         FROM project_limits WHERE project = {project:String}`,
        { project, traces: tracesPerMonth, spans: spansPerSecond, bytes: bytesPerSecond },
      );
    },
  };
}
