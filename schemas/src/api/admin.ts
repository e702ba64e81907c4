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
