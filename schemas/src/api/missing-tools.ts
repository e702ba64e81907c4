import { z } from "zod";
import { spanIdSchema } from "./values.ts";

/** What a trace should have and has not; see `missing-tools.ts` for what is known and what is only a hint. */
export const missingToolsSchema = z.object({
  missing: z.array(
    z
      .discriminatedUnion("kind", [
        z.object({
          kind: z.literal("tool_span").describe("the answer of this call asks for a tool that no span shows"),
          span_id: spanIdSchema,
          tool_name: z.string(),
          tool_call_id: z.string().describe("empty: the provider gave none"),
          returned: z.boolean().describe("its result came back to the model: it did run"),
        }),
        z.object({
          kind: z.literal("tool_result").describe("no later request brings the result of this tool back to a model"),
          span_id: spanIdSchema,
          tool_name: z.string(),
          tool_call_id: z.string(),
        }),
      ])
      .meta({ id: "MissingTool" }),
  ),
});
