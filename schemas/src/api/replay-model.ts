import { z } from "zod";
import { messageSchema } from "../messages/message.ts";
import { countSchema, moneySchema } from "./values.ts";

/** What the operator's endpoint may be asked: OpenAI's API, by the end of the address. */
export const replayModelPaths = [
  "/chat/completions",
  "/responses",
  "/embeddings",
  "/completions",
  "/moderations",
] as const;

/** A request may hold images. */
export const largestReplayRequest = 16 * 1024 * 1024;

export const replayQuestionSchema = z.strictObject({
  path: z.enum(replayModelPaths).default("/chat/completions"),
  request: z
    .string()
    .max(largestReplayRequest)
    .refine(isObject, "expected a JSON object")
    .describe("the body, as JSON in a text: it is sent on as it is, but for the model where the operator names one"),
});

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const budget = {
  spent: moneySchema.describe("of the project, since midnight UTC, by this server"),
  budget: moneySchema.describe("what a project may spend in a day"),
};

export const replayModelSchema = z.object({
  configured: z.boolean(),
  model: z.string().nullable().describe("asked in place of whatever a request names; null: what it names"),
  ...budget,
});

export const replayAnswerSchema = z.object({
  status: z.int().describe("of the endpoint's answer"),
  content_type: z.string(),
  response: z.string().describe("its body as it came"),
  output: z.array(messageSchema),
  model: z.string().nullable().describe("that answered, as the body says"),
  input_tokens: countSchema.nullable(),
  output_tokens: countSchema.nullable(),
  cost: moneySchema.nullable().describe("null: nothing says what it cost"),
  duration_us: countSchema,
  ...budget,
});
export type ReplayModelAnswer = z.infer<typeof replayAnswerSchema>;
