import { z } from "zod";
import { countSchema, limitParameter, spanIdSchema, timeParameter, timeSchema, traceIdSchema } from "./values.ts";

export const scoreKinds = ["number", "category", "boolean"] as const;
export type ScoreKind = (typeof scoreKinds)[number];

const short = z.string().min(1).max(200);

/** `POST /v1/scores` of the gateway, with a key of scope ingest. */
export const scoreRequestSchema = z.strictObject({
  trace_id: traceIdSchema,
  span_id: spanIdSchema.optional().describe("the scored span; the whole trace where it is left out"),
  id: short.optional().describe("names the score within its trace: given again, it replaces itself"),
  name: short,
  value: z.union([z.number(), z.boolean(), short]).describe("a number, a boolean, or a category as text"),
  comment: z.string().max(10_000).optional(),
  source: short.optional().describe("user, reviewer, evaluator, …"),
  user_id: short.optional(),
  time: timeParameter.optional().describe("when it was given; now where it is left out"),
});
export type ScoreRequest = z.infer<typeof scoreRequestSchema>;

export const scoreAcceptedSchema = z.object({ trace_id: traceIdSchema, id: spanIdSchema });
export type ScoreAccepted = z.infer<typeof scoreAcceptedSchema>;

export const traceScoresSchema = z.object({
  scores: z.array(
    z.object({
      id: spanIdSchema,
      span_id: spanIdSchema.nullable().describe("null: on the whole trace"),
      name: z.string(),
      kind: z.enum(scoreKinds),
      value: z.number().nullable().describe("of a boolean 0 or 1, of a category null"),
      label: z.string().describe("of a category, and true or false"),
      comment: z.string(),
      source: z.string(),
      user_id: z.string(),
      time: timeSchema,
    }),
  ),
});

export const scoreIntervals = ["none", "minute", "hour", "day"] as const;

export const scoreMetricsQuerySchema = z.strictObject({
  name: short.optional().describe("of one score; all by default"),
  source: short.optional(),
  interval: z.enum(scoreIntervals).default("none").describe("of the points, UTC; none: totals alone"),
  from: timeParameter.optional().describe("inclusive; a day before `to` by default"),
  to: timeParameter.optional().describe("exclusive; the end of this minute by default"),
  limit: limitParameter(1000, 100).describe("of scores by name: those given most often"),
});
export type ScoreInterval = (typeof scoreIntervals)[number];

const scoreFigures = {
  count: countSchema,
  average: z.number().nullable().describe("of numbers, and the share of true; of categories null"),
} as const;

export const scoreMetricsSchema = z.object({
  from: timeSchema,
  to: timeSchema,
  interval: z.enum(scoreIntervals),
  scores: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(scoreKinds),
      ...scoreFigures,
      labels: z
        .array(z.object({ label: z.string(), count: countSchema, share: z.number() }))
        .describe("at most 100, the most frequent first; none of numbers"),
      points: z
        .array(z.object({ time: timeSchema, ...scoreFigures }))
        .describe("by time; an interval without scores has none"),
    }),
  ),
});
