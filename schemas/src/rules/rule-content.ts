import { z } from "zod";
import { SpanhouseError } from "../errors.ts";

/** What a rule is called: within one project and table, its name is the rule. */
export const ruleNameSchema = z
  .string()
  .regex(/^[\w.-]{1,100}$/, 'expected 1 to 100 letters, digits, ".", "_" and "-"');

/** Throws CONFIG naming what is wrong. */
export function parseRuleContent<T>(schema: z.ZodType<T>, what: string, content: unknown): T {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new SpanhouseError("CONFIG", `${what}: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`);
}
