import type { ClickHouse } from "./clickhouse.ts";
import { requireProjectName } from "./projects.ts";

export const redactionPatterns = ["email", "phone", "card", "secret"] as const;
export type RedactionPattern = (typeof redactionPatterns)[number];

export const contentPolicies = ["keep", "hash", "drop"] as const;
export type ContentPolicy = (typeof contentPolicies)[number];

/** What is taken out of a project's texts before they are published. */
export interface RedactionPolicy {
  readonly patterns: readonly RedactionPattern[];
  /** Regular expressions, as RE2 has them. */
  readonly custom: readonly string[];
  /** Of prompts, answers, tools' arguments and results, documents: as they are, their SHA-256, or nothing. */
  readonly content: ContentPolicy;
}

/** The policies in ClickHouse. Every method throws what ClickHouse throws when it does not answer. */
export interface RedactionPolicies {
  /** By project; those without one are not among them. */
  all(): Promise<ReadonlyMap<string, RedactionPolicy>>;
  /** In place of what the project had; durable when it resolves. */
  set(project: string, policy: RedactionPolicy): Promise<void>;
}

export function createRedactionPolicies(clickhouse: ClickHouse): RedactionPolicies {
  return {
    async all() {
      const rows = await clickhouse.query<RedactionPolicy & { readonly project: string }>(
        "SELECT project, patterns, custom, content FROM redactions FINAL",
      );
      return new Map(rows.map(({ project, ...policy }) => [project, policy]));
    },

    async set(project, { patterns, custom, content }) {
      requireProjectName(project);
      await clickhouse.command(
        `INSERT INTO redactions (project, version, patterns, custom, content)
         SELECT {project:String}, max(version) + 1, {patterns:Array(String)}, {custom:Array(String)}, {content:String}
         FROM redactions WHERE project = {project:String}`,
        { project, patterns: [...patterns], custom: [...custom], content },
      );
    },
  };
}
