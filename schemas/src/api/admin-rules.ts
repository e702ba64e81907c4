import { z } from "zod";
import { ownershipRuleSchema } from "../rules/ownership-rule.ts";
import { priceRuleSchema } from "../rules/price-rule.ts";
import { ruleNameSchema } from "../rules/rule-content.ts";
import { countSchema, moneySchema, timeParameter, timeSchema } from "./values.ts";

const reason = z.string().min(1).max(500).describe("stays with the change");
const yaml = z.string().min(1).max(100_000).describe("the same as YAML");

export const ruleParamsSchema = z.strictObject({ name: ruleNameSchema });
export const ruleHistoryQuerySchema = z.strictObject({
  history: z.enum(["true", "false"]).default("false").describe("every version, the newest last"),
});
export const revokedRuleQuerySchema = z.strictObject({ reason });

export const newPriceRuleSchema = z.strictObject({ rule: z.union([priceRuleSchema, yaml]), reason });
export const newOwnershipRuleSchema = z.strictObject({ rule: z.union([ownershipRuleSchema, yaml]), reason });
export const ownershipFileRequestSchema = z.strictObject({
  yaml: z.string().min(1).max(1_000_000).describe("the rules, as in the file of a deployment"),
  reason,
});

/** One version of a rule. */
export const storedRuleSchema = z
  .object({
    name: z.string(),
    version: countSchema,
    all_projects: z.boolean().describe("of all projects: listed, and changed by command alone"),
    rule: z.record(z.string(), z.unknown()).nullable().describe("null: this version revokes it"),
    changed_by: z.string(),
    reason: z.string(),
    changed_at: timeSchema,
  })
  .meta({ id: "StoredRule" });

export const storedRulesSchema = z.object({ rules: z.array(storedRuleSchema) });

export const pricePreviewSchema = z.strictObject({
  name: ruleNameSchema.optional().describe("of the rule that is tried; without it: the rules that are stored"),
  rule: z.union([priceRuleSchema, yaml]).optional(),
  from: timeParameter.optional(),
  to: timeParameter.optional(),
});

/** What applying the rules would change of stored calls. */
export const priceChangesSchema = z.object({
  from: timeSchema,
  to: timeSchema,
  changes: z.array(
    z.object({
      day: z.string().describe("UTC, such as 2026-10-31"),
      provider: z.string(),
      model: z.string().describe("as answered, else as asked for"),
      calls: countSchema,
      repriced_calls: countSchema,
      cost: moneySchema,
      new_cost: moneySchema,
      estimated_cost: moneySchema,
      new_estimated_cost: moneySchema,
    }),
  ),
});
