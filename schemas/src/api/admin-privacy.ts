import { z } from "zod";
import { timeSchema } from "./values.ts";

const days = (meaning: string) =>
  z.int().min(0).max(36_500).nullable().optional().describe(`${meaning}; 0: for ever, null: as all projects`);
const reason = z.string().min(1).max(500).describe("stays with the change");

export const newRetentionSchema = z.strictObject({
  payloads: days("days for texts and attributes"),
  spans: days("days for spans, traces and scores"),
  rollups: days("days for sums"),
  open_spans: days("days for spans that were announced and never ended, 1 to 7"),
  reason,
});

const keptDays = z.object({
  payloads: z.int(),
  spans: z.int(),
  rollups: z.int(),
  open_spans: z.int(),
});

export const retentionSchema = z.object({
  days: keptDays.describe("what holds; 0: for ever"),
  own: keptDays.partial().describe("what the project itself says"),
  frozen_until: timeSchema.nullable().describe("below it nothing is recomputed and no span is accepted"),
});

export const newErasureSchema = z.strictObject({ user_id: z.string().min(1).max(200), reason });

export const askedErasureSchema = z.object({ run: z.string().describe("of the list of erasures") });

export const erasuresSchema = z.object({
  erasures: z
    .array(
      z.object({
        run: z.string(),
        user_hash: z.string().describe("SHA-256 of project, a zero byte and the user id"),
        asked_by: z.string(),
        reason: z.string(),
        begun_at: timeSchema,
        ended_at: timeSchema.nullable().describe("null: it is not done yet"),
        report: z.record(z.string(), z.unknown()).nullable().describe("what was blanked, and what a scan found left"),
      }),
    )
    .describe("newest first"),
});
