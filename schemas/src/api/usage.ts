import { z } from "zod";
import { countSchema, timeSchema } from "./values.ts";

const limit = z.number().int().nullable().describe("null: without limit");

export const quotaUsageSchema = z.object({
  month: z.object({
    from: timeSchema,
    to: timeSchema.describe("when traces count from none again"),
    traces_limit: limit,
    traces_used: countSchema.nullable().describe("null: not counted, as the project has no limits. Seconds behind"),
    traces_left: countSchema.nullable().describe("null: without limit"),
    spans_accepted: countSchema.nullable(),
    bytes_accepted: countSchema.nullable().describe("of bodies, after inflating"),
  }),
  spans_per_second_limit: limit,
  bytes_per_second_limit: limit,
});
