import { z } from "zod";
import { outcomes } from "../outcome.ts";
import { roles } from "../span.ts";
import { traceSummarySchema } from "./traces.ts";
import { countSchema, moneySchema, spanIdSchema, traceIdSchema } from "./values.ts";

export const maxComparedSpans = 2000;

const side = z
  .object({
    span_id: spanIdSchema,
    duration_us: countSchema,
    cost: moneySchema,
    input_tokens: countSchema,
    output_tokens: countSchema,
    response_model: z.string(),
    outcome: z.enum(outcomes).nullable(),
  })
  .nullable();

const differenceSchema = z
  .enum(["same", "different", "absent"])
  .describe("`absent`: neither has it, or one of the two has no counterpart");

export const compareParamsSchema = z.strictObject({ trace_id: traceIdSchema, other: traceIdSchema });

/** Two trees laid on each other: children of a pair are matched by role and name, in their order. */
export const comparisonSchema = z.object({
  left: traceSummarySchema,
  right: traceSummarySchema,
  rows: z
    .array(
      z.object({
        depth: countSchema,
        role: z.enum(roles),
        name: z.string(),
        left: side.describe("null: only the other trace has it"),
        right: side,
        request: differenceSchema,
        response: differenceSchema,
      }),
    )
    .describe("depth first. Requests and responses are compared byte for byte"),
  truncated: z.boolean().describe(`one of the two has more than ${maxComparedSpans} spans: the rest is left out`),
});
export type Comparison = z.infer<typeof comparisonSchema>;
