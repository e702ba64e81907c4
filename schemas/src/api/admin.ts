import { z } from "zod";
import { limitParameter, timeParameter, timeSchema } from "./values.ts";

const scopes = z.array(z.enum(["ingest", "read", "admin"]));

export const adminKeySchema = z
  .object({
    key_id: z.string(),
    label: z.string(),
    scopes,
    created_at: timeSchema,
    expires_at: timeSchema.nullable(),
    last_used_at: timeSchema.nullable().describe("to within a minute or so; null: not since uses are noted"),
    revoked: z.boolean(),
  })
  .meta({ id: "AdminKey" });

export const adminKeysSchema = z.object({ keys: z.array(adminKeySchema).describe("oldest first") });

export const newKeySchema = z.strictObject({
  label: z.string().min(1).max(200),
  scopes: scopes.min(1).max(3),
  expires_at: timeParameter.optional(),
});

export const createdKeySchema = z.object({
  key_id: z.string(),
  key: z.string().describe("in clear, here and never again"),
});

export const rotatedKeySchema = z.strictObject({
  grace_seconds: z
    .int()
    .min(0)
    .max(30 * 86_400)
    .default(86_400)
    .describe("for so long the old key works on"),
});

export const newProjectSchema = z.strictObject({
  project: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'expected 1 to 63 of a-z, 0-9, "-" and "_"'),
});

export const madeProjectSchema = createdKeySchema.extend({ project: z.string() });

export const projectsSchema = z.object({ projects: z.array(z.string()) });

export const keyParamsSchema = z.strictObject({ key_id: z.string().min(1).max(100) });

export const projectSchema = z.object({
  project: z.string(),
  frozen_until: timeSchema.nullable().describe("below it nothing is recomputed and no span is accepted"),
});

export const auditQuerySchema = z.strictObject({ limit: limitParameter(1000, 100) });

export const auditSchema = z.object({
  entries: z
    .array(
      z.object({
        at: timeSchema,
        key_id: z.string().describe("of the key that asked"),
        action: z.string(),
        subject: z.string(),
        detail: z.record(z.string(), z.unknown()),
      }),
    )
    .describe("newest first. An entry is written before its change: it says what was asked for"),
});
