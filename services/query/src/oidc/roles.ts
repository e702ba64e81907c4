import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { ApiKeyScope } from "@spanhouse/store/api-keys";
import { parse as parseYaml } from "yaml";
import { z } from "zod";

/** What people may do in a project. */
export const roles = { viewer: ["read"], admin: ["read", "admin"] } as const satisfies Record<
  string,
  readonly ApiKeyScope[]
>;
export type Role = keyof typeof roles;

const rulesSchema = z
  .array(
    z.strictObject({
      claim: z.string().min(1),
      /** Absent: whoever has the claim. */
      value: z.string().min(1).optional(),
      project: z.string().min(1),
      role: z.enum(["viewer", "admin"]),
    }),
  )
  .min(1);

export type RoleRule = z.infer<typeof rulesSchema>[number];

/** The rules of `SPANHOUSE_OIDC_ROLES`, YAML or JSON. Throws CONFIG naming what is wrong. */
export function parseRoleRules(text: string): readonly RoleRule[] {
  const wrong = (message: string) => new SpanhouseError("CONFIG", `SPANHOUSE_OIDC_ROLES: ${message}`);
  let content: unknown;
  try {
    content = parseYaml(text);
  } catch (cause) {
    throw wrong(`expected YAML: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const parsed = rulesSchema.safeParse(content);
  if (!parsed.success) throw wrong(z.prettifyError(parsed.error).replaceAll("\n", " "));
  return parsed.data;
}

/** By project the greatest role that some rule gives. A claim may be a text, a truth, or a list of texts. */
export function rolesOf(claims: Readonly<Record<string, unknown>>, rules: readonly RoleRule[]): Record<string, Role> {
  const given: Record<string, Role> = {};
  for (const { claim, value, project, role } of rules) {
    const said = claims[claim];
    const values = (Array.isArray(said) ? said : [said]).filter((one) => one !== undefined && one !== null).map(String);
    const holds = value === undefined ? values.length > 0 : values.includes(value);
    if (holds && given[project] !== "admin") given[project] = role;
  }
  return given;
}
