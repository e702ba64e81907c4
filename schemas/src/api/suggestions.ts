import { z } from "zod";
import { countSchema, traceIdSchema } from "./values.ts";

/** What a proposal would change. */
export const suggestedChanges = ["prompt", "code", "parameters", "tool", "retrieval", "model", "other"] as const;

/** What the operator's model may answer, and nothing else: no field of it names anything that could be done. */
export const proposalSchema = z.strictObject({
  title: z.string().min(1).max(200).describe("what to change, in a line"),
  change: z.enum(suggestedChanges),
  findings: z.array(z.int().min(0)).min(1).max(20).describe("which findings it would mend, by their place in the list"),
  reason: z.string().min(1).max(2000).describe("why the evidence points there"),
  proposal: z.string().min(1).max(6000).describe("the change itself: words, or code to look at"),
});

export const proposalsSchema = z.strictObject({ proposals: z.array(proposalSchema).max(5) });

export const suggestionSchema = z.object({
  trace_id: traceIdSchema,
  generated: z.literal(true).describe("written by a model: nobody has checked it"),
  model: z.string().describe("as it calls itself"),
  proposals: z.array(proposalSchema),
  findings: countSchema.describe("of the diagnosis, the first so many were shown to the model"),
  input_tokens: countSchema.nullable(),
  output_tokens: countSchema.nullable(),
});
