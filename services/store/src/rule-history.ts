import type { ClickHouse } from "./clickhouse.ts";
import { requireProjectName } from "./projects.ts";

/** One version of a rule: what it said from when on, and who said so. Nothing is ever changed or deleted. */
export interface StoredRule {
  /** Empty: of all projects. */
  readonly project: string;
  readonly name: string;
  /** 1, 2, 3, … of one name in one project. */
  readonly version: number;
  /** JSON; empty where this version revokes the rule. */
  readonly rule: string;
  readonly changedBy: string;
  readonly reason: string;
  /** RFC 3339, by the server. */
  readonly changedAt: string;
}

export type RuleChange = Pick<StoredRule, "project" | "name" | "rule" | "changedBy" | "reason">;

/** Rules of one kind, append-only: a table of `prices`, `ownership_rules` or `alert_rules`, which have the same columns. */
export interface RuleHistory {
  /** The next version of a rule, in force when it resolves. Throws INVALID_PARAMETER for a project that cannot be. */
  append(change: RuleChange): Promise<StoredRule>;
  /** Of every rule the last version, without those that are revoked; by project and name. */
  inForce(): Promise<readonly StoredRule[]>;
  /** Every version, the newest last. */
  history(): Promise<readonly StoredRule[]>;
}

export type RuleTable = "prices" | "ownership_rules" | "alert_rules";

const columns = `project, name, version, rule, changed_by AS changedBy, reason,
  formatDateTime(changed_at, '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS changedAt`;

export function createRuleHistory(clickhouse: ClickHouse, table: RuleTable): RuleHistory {
  return {
    async append(change) {
      if (change.project !== "") requireProjectName(change.project);
      const { project, name, rule, changedBy, reason } = change;
      await clickhouse.command(
        `INSERT INTO ${table} (project, name, version, rule, changed_by, reason)
         SELECT {project:String}, {name:String}, max(version) + 1, {rule:String}, {changedBy:String}, {reason:String}
         FROM ${table} WHERE project = {project:String} AND name = {name:String}`,
        { project, name, rule, changedBy, reason },
      );
      const [stored] = await clickhouse.query<StoredRule>(
        `SELECT ${columns} FROM ${table} WHERE project = {project:String} AND name = {name:String}
         ORDER BY version DESC, changed_at DESC, rule DESC LIMIT 1`,
        { project, name },
      );
      return stored!;
    },

    async inForce() {
      // Two writers may have taken one version at once: the later counts, for everybody.
      return clickhouse.query<StoredRule>(
        `SELECT * FROM (
           SELECT ${columns} FROM ${table}
           ORDER BY project, name, version DESC, changed_at DESC, rule DESC LIMIT 1 BY project, name
         ) WHERE rule != '' ORDER BY project, name`,
      );
    },

    async history() {
      return clickhouse.query<StoredRule>(
        `SELECT ${columns} FROM ${table} ORDER BY changed_at, project, name, version`,
      );
    },
  };
}
