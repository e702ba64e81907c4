import { z } from "zod";
import { traceFilterParameters, traceRangeParameters } from "./trace-filters.ts";
import { countSchema, cursorParameter, limitParameter, moneySchema, timeParameter, timeSchema } from "./values.ts";

/** What traces are grouped to. */
export const groupKinds = ["conversation", "user"] as const;
export type GroupKind = (typeof groupKinds)[number];

export const groupSorts = ["time", "cost", "traces"] as const;

const sums = {
  traces: countSchema,
  first_time: timeSchema.describe("start of the earliest trace"),
  last_time: timeSchema.describe("when one of its traces last ended"),
  calls: countSchema,
  errors: countSchema,
  refusals: countSchema,
  input_tokens: countSchema,
  output_tokens: countSchema,
  cost: moneySchema,
  estimated_cost: moneySchema,
  wasted_cost: moneySchema,
};

export const traceGroupSchema = z
  .object({
    id: z.string(),
    ...sums,
    users: z.array(z.string()).describe("at most ten"),
    conversations: countSchema,
  })
  .meta({ id: "TraceGroup" });

export const groupListQuerySchema = z.strictObject({
  ...traceRangeParameters,
  ...traceFilterParameters,
  sort: z.enum(groupSorts).default("time").describe("latest, dearest or most traces first"),
  containing: z.string().min(1).max(200).optional().describe("only ids that contain it; case does not matter"),
  limit: limitParameter(200, 50),
  cursor: cursorParameter.optional().describe("next_cursor of the page before, with the same filters"),
});

export const groupListSchema = z.object({
  from: timeSchema,
  to: timeSchema,
  groups: z.array(traceGroupSchema).describe("of the traces that last ended in the range and pass the filters"),
  next_cursor: z.string().nullable(),
});

export const groupParamsSchema = z.strictObject({ id: z.string().min(1).max(400) });

/** What a returned model was called for, and when. */
export const modelChangesQuerySchema = z.strictObject({
  from: timeParameter.optional().describe("inclusive, rounded down to the minute; thirty days before `to` by default"),
  to: timeParameter.optional().describe("exclusive; the end of this minute by default"),
});

export const modelChangesSchema = z.object({
  from: timeSchema,
  to: timeSchema,
  precision_seconds: countSchema.describe("of first_seen and last_seen: the length of the slices they were read from"),
  models: z
    .array(
      z.object({
        provider: z.string(),
        request_model: z.string(),
        response_model: z.string(),
        first_seen: timeSchema.describe("start of the slice in which a call of it first ended, within the range"),
        last_seen: timeSchema.describe("start of the slice in which a call of it last ended"),
        calls: countSchema,
        errors: countSchema,
        cost: moneySchema,
      }),
    )
    .describe("by provider and requested model, then by first_seen"),
  truncated: z.boolean(),
});
