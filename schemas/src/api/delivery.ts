import { z } from "zod";
import { countSchema, limitParameter, timeParameter, timeSchema } from "./values.ts";

export const deliveryQuerySchema = z.strictObject({
  from: timeParameter.optional().describe("inclusive, rounded down to the minute; a day before `to` by default"),
  to: timeParameter.optional().describe("exclusive; the end of this minute by default"),
  late_after_seconds: z.coerce.number().int().min(1).max(86_400).default(60),
  limit: limitParameter(1000, 100),
});

/** Instances number what they send from 1, and say when they end how many it was. */
export const deliverySchema = z.object({
  from: timeSchema,
  to: timeSchema,
  instances: z
    .array(
      z.object({
        instance: z.string(),
        services: z.array(z.string()),
        first_time: timeSchema,
        last_time: timeSchema,
        sent: countSchema.nullable().describe("as the instance said when it ended; null: it has not said"),
        received: countSchema.describe("numbers that came, of the range"),
        first_sequence: countSchema.describe("the least number that came in the range"),
        lost: countSchema.describe("numbers missing between the least and the greatest, and up to `sent`"),
        before_range: countSchema.describe("numbers below the least: earlier than the range, or lost"),
        tail_unknown: z.boolean().describe("it has not ended in order: whether more was sent, nobody knows"),
        repeated: countSchema.describe("rows beyond one a number: one span id with several ends"),
        late: countSchema.describe("spans stored later than `late_after_seconds` after their end"),
      }),
    )
    .describe("last seen first; only of spans and scores that carry an instance"),
  truncated: z.boolean(),
});

export const deliveryHealthSchema = z.object({
  checked_at: timeSchema,
  newest_end: timeSchema
    .nullable()
    .describe("of the spans that ended in the last hour, the latest end; null: none did"),
  stored_after_seconds: z
    .object({ p50: z.number(), p95: z.number(), most: z.number() })
    .nullable()
    .describe(
      "from the end of a span to its row, of the last hour: what an answer of this API is behind; null: no span",
    ),
  instances: countSchema.describe("SDK instances whose numbers came in the last day"),
  lost: countSchema.describe("numbers of theirs that never came, of the last day"),
  tail_unknown: countSchema.describe("instances that have not ended in order: whether they sent more, nobody knows"),
  dead_letters: countSchema
    .nullable()
    .describe(
      "records that could not be stored and wait; null: they are in the dead-letter topic, which `spanhouse dlq` reads",
    ),
});
