import { z } from "zod";
import { effectiveDates } from "./effective-dates.ts";
import { parseRuleContent } from "./rule-content.ts";

const pattern = z.string().min(1).max(200);
const value = z.string().min(1).max(200).optional();

/** What `spanhouse ownership set` takes and the table `ownership_rules` keeps, as JSON. */
export const ownershipRuleSchema = z.strictObject({
  match: z
    .strictObject({
      credential: pattern.optional(),
      service: pattern.optional(),
      model: pattern.optional(),
      provider: pattern.optional(),
    })
    .refine((match) => Object.keys(match).length > 0, { message: "expected credential, service, model or provider" }),
  set: z
    .strictObject({ team: value, cost_centre: value, feature: value, prompt: value, release: value })
    .refine((set) => Object.keys(set).length > 0, {
      message: "expected team, cost_centre, feature, prompt or release",
    }),
  ...effectiveDates,
});
export type OwnershipRuleContent = z.infer<typeof ownershipRuleSchema>;

const projectName = z.string().min(1).max(63);
/** The file of a deployment, and what is given as YAML. */
export const ownershipFileSchema = z.strictObject({
  rules: z.array(ownershipRuleSchema.extend({ name: z.string().min(1).max(100), project: projectName.optional() })),
});

/** Throws CONFIG naming what is wrong. */
export function parseOwnershipRule(name: string, content: unknown): OwnershipRuleContent {
  return parseRuleContent(ownershipRuleSchema, `ownership rule ${name}`, content);
}
