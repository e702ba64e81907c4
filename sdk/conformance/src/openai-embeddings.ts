import { createHash } from "node:crypto";
import { z } from "zod";
import { openai } from "./openai.ts";
import type { ProviderApi } from "./provider-api.ts";
import type { SimulatedUsage } from "./tokens.ts";

const requestSchema = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string()).min(1)]),
  encoding_format: z.enum(["float", "base64"]).optional(),
  dimensions: z.int().positive().optional(),
});

/** `POST /v1/embeddings`: unit vectors that depend on the text alone. */
export const openaiEmbeddings: ProviderApi = {
  name: "openai.embeddings",
  provider: openai,
  path: "/v1/embeddings",

  read(body) {
    const parsed = requestSchema.safeParse(body);
    if (!parsed.success) return { kind: "invalid-request", message: z.prettifyError(parsed.error) };
    const { model, input } = parsed.data;
    const text = typeof input === "string" ? input : input.join("");
    return {
      model,
      lastUserText: text,
      turn: 0,
      input: text,
      maxTokens: undefined,
      generates: false,
      stream: false,
      wantsUsage: true,
    };
  },

  spell({ request, answer, responseModel }) {
    const { input, encoding_format, dimensions, model } = requestSchema.parse(request);
    const size = dimensions ?? (model.includes("3-large") ? 3072 : 1536);
    const inputs = typeof input === "string" ? [input] : input;
    const usage = usageOf(answer.usage);
    return {
      responseId: "",
      usage,
      body: () => ({
        object: "list",
        data: inputs.map((text, index) => {
          const vector = vectorOf(text, size);
          const embedding =
            encoding_format === "base64" ? Buffer.from(vector.buffer).toString("base64") : Array.from(vector);
          return { object: "embedding", index, embedding };
        }),
        model: responseModel,
        usage,
      }),
      events: () => [],
    };
  },
};

function usageOf(usage: SimulatedUsage) {
  return { prompt_tokens: usage.inputTokens, total_tokens: usage.inputTokens };
}

const vectorOf = (text: string, size: number): Float32Array => {
  const digest = createHash("sha256").update(text).digest();
  const vector = Float32Array.from({ length: size }, (_, i) => Math.sin((digest[i % 32] ?? 0) + i));
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
};
