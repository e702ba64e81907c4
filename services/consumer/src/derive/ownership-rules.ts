import { createHash } from "node:crypto";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import {
  type OwnershipRuleContent,
  ownershipFileSchema,
  parseOwnershipRule,
} from "@spanhouse/schemas/rules/ownership-rule";
import { parseRuleContent } from "@spanhouse/schemas/rules/rule-content";
import { mappedOwnership, type NormalisedSpan, type Ownership } from "@spanhouse/schemas/span";
import type { StoredRule } from "@spanhouse/store/rule-history";
import { parse as parseYaml } from "yaml";
import type { z } from "zod";
import { dated, globbed, isInForce, type Period } from "./rule-conditions.ts";

/** A call as rules see it, and as a row of `spans` has it. */
export type OwnedCall = Pick<
  NormalisedSpan,
  "project" | "provider" | "requestModel" | "responseModel" | "endTime" | keyof Ownership
>;

/** What rules may fill in; each is a bit of `SpanRow.mapped_ownership`. */
export type MappedOwnership = Pick<Ownership, "team" | "costCentre" | "feature" | "prompt" | "release">;
export const mappedFields = ["team", "costCentre", "feature", "prompt", "release"] as const;

export interface OwnershipMapping {
  readonly owners: MappedOwnership;
  /** Which of them a rule gave: bits of `mappedOwnership`. */
  readonly mapped: number;
}

export interface OwnershipRules {
  /** What the call says itself stays; what it leaves empty comes from the most telling rule that sets it. */
  apply(call: OwnedCall): OwnershipMapping;
  /** Differs whenever some rule does. */
  readonly fingerprint: string;
}

interface Rule {
  readonly name: string;
  readonly project: string;
  readonly period: Period;
  readonly holds: (call: OwnedCall) => boolean;
  readonly set: Partial<MappedOwnership>;
  readonly weight: readonly number[];
}

/** A rule of the deployment's file. */
export type FileRule = z.infer<typeof ownershipFileSchema>["rules"][number];

/**
 * The stored rules and the file's, compiled. A rule of the project goes before one of all projects; then one that names
 * the credential, the service, the model, the provider; then a stored rule before the file's; then the one that began
 * later. Throws CONFIG for a rule that this version does not understand.
 */
export function createOwnershipRules(stored: readonly StoredRule[], file: readonly FileRule[] = []): OwnershipRules {
  const rules = [
    ...stored.map(({ project, name, rule }) => compile(name, project, parseOwnershipRule(name, JSON.parse(rule)), 1)),
    ...file.map((rule) => compile(rule.name, rule.project ?? "", rule, 0)),
  ].sort(heavierFirst);
  const state = [...stored.map(({ project, name, rule }) => ({ project, name, rule })), ...file];

  return {
    apply(call) {
      if (rules.length === 0) return { owners: call, mapped: 0 };
      const given: { -readonly [Field in keyof MappedOwnership]?: string } = {};
      let mapped = 0;
      for (const rule of rules) {
        if (rule.project !== "" && rule.project !== call.project) continue;
        if (!isInForce(rule.period, call.endTime) || !rule.holds(call)) continue;
        for (const field of mappedFields) {
          const set = rule.set[field];
          if (set === undefined || call[field] !== "" || given[field] !== undefined) continue;
          given[field] = set;
          mapped |= mappedOwnership[field];
        }
      }
      const { team, costCentre, feature, prompt, release } = call;
      return { owners: { team, costCentre, feature, prompt, release, ...given }, mapped };
    },
    fingerprint: createHash("sha256")
      .update(
        state
          .map((rule) => JSON.stringify(rule))
          .sort()
          .join("\n"),
      )
      .digest("hex")
      .slice(0, 16),
  };
}

/** The rules of a YAML file. Throws CONFIG naming what is wrong. */
export function parseOwnershipFile(path: string, text: string): readonly FileRule[] {
  let content: unknown;
  try {
    content = parseYaml(text);
  } catch (cause) {
    throw new SpanhouseError("CONFIG", `${path}: expected YAML: ${cause instanceof Error ? cause.message : cause}`);
  }
  return parseRuleContent(ownershipFileSchema, path, content).rules;
}

function compile(name: string, project: string, content: OwnershipRuleContent, stored: number): Rule {
  const { match, set } = content;
  const [credential, service, model, provider] = [match.credential, match.service, match.model, match.provider].map(
    globbed,
  ) as [Matches, Matches, Matches, Matches];
  return {
    ...{ name, project, period: dated(content) },
    holds: (call) =>
      credential(call.credential) &&
      service(call.service) &&
      (model(call.responseModel) || model(call.requestModel)) &&
      provider(call.provider),
    set: given({
      ...{ team: set.team, costCentre: set.cost_centre, feature: set.feature, prompt: set.prompt },
      release: set.release,
    }),
    weight: [
      Number(project !== ""),
      ...[match.credential, match.service, match.model, match.provider].map((part) => Number(part !== undefined)),
      stored,
    ],
  };
}

type Matches = (value: string) => boolean;

function given(set: { readonly [Field in keyof MappedOwnership]: string | undefined }): Partial<MappedOwnership> {
  return Object.fromEntries(Object.entries(set).filter(([, each]) => each !== undefined));
}

function heavierFirst(a: Rule, b: Rule): number {
  for (const [i, weight] of a.weight.entries()) if (weight !== b.weight[i]) return b.weight[i]! - weight;
  if (a.period.from !== b.period.from) return a.period.from < b.period.from ? 1 : -1;
  return a.name < b.name ? 1 : -1;
}
