import { z } from "zod";
import { timeSchema } from "./values.ts";

export const newSessionSchema = z.strictObject({ key: z.string().min(1).max(200).describe("an API key") });

export const newSessionProjectSchema = z.strictObject({ project: z.string().min(1).max(63) });

/** What the key of a request, or of its session, may do. */
export const sessionSchema = z.object({
  project: z.string(),
  scopes: z.array(z.enum(["ingest", "read", "admin"])),
  user: z.string().nullable().describe("who has logged in by OpenID Connect; null: a key"),
  projects: z.array(z.string()).describe("those that the session may look at"),
  now: timeSchema.describe("the server's clock"),
});

export const logInMethodsSchema = z.object({
  key: z.literal(true),
  oidc: z.string().nullable().describe("where to send the browser; null: not configured"),
});

export const oidcQuerySchema = z.strictObject({
  return_to: z
    .string()
    .max(4000)
    .regex(/^\/(?![/\\])[^\\]*$/, "expected a path of this server")
    .default("/"),
});
