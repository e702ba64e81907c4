import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";
import type { OidcOptions } from "./log-in.ts";
import { parseRoleRules } from "./roles.ts";

export interface OidcConfig extends OidcOptions {
  readonly sessionSecret: string;
}

/** Log-in by OpenID Connect: all of them, or none. */
export const oidcVariables = {
  SPANHOUSE_OIDC_ISSUER: z.url({ protocol: /^https?$/ }).optional(),
  SPANHOUSE_OIDC_CLIENT_ID: z.string().min(1).optional(),
  SPANHOUSE_OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  SPANHOUSE_OIDC_SCOPE: z.string().default("openid profile email"),
  SPANHOUSE_OIDC_ROLES: z.string().optional(),
  SPANHOUSE_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  SPANHOUSE_SESSION_SECRET: z.string().min(32, "expected 32 characters at least").optional(),
} as const;

/** Undefined: nobody is named to log in at. Throws CONFIG for a part of it. */
export function oidcConfig(values: z.infer<z.ZodObject<typeof oidcVariables>>): OidcConfig | undefined {
  if (values.SPANHOUSE_OIDC_ISSUER === undefined) return undefined;
  const needed = (name: keyof typeof oidcVariables): string => {
    const value = values[name];
    if (value !== undefined) return value;
    throw new SpanhouseError("CONFIG", `${name}: expected a value beside SPANHOUSE_OIDC_ISSUER`);
  };
  const issuer = new URL(values.SPANHOUSE_OIDC_ISSUER);
  if (issuer.protocol === "http:" && !["127.0.0.1", "localhost", "[::1]"].includes(issuer.hostname)) {
    throw new SpanhouseError("CONFIG", "SPANHOUSE_OIDC_ISSUER: expected https, but for a provider on this machine");
  }
  return {
    issuer,
    clientId: needed("SPANHOUSE_OIDC_CLIENT_ID"),
    clientSecret: needed("SPANHOUSE_OIDC_CLIENT_SECRET"),
    scope: values.SPANHOUSE_OIDC_SCOPE,
    publicUrl: new URL(needed("SPANHOUSE_PUBLIC_URL")),
    roles: parseRoleRules(needed("SPANHOUSE_OIDC_ROLES")),
    sessionSecret: needed("SPANHOUSE_SESSION_SECRET"),
  };
}
