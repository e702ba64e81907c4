import { createHash } from "node:crypto";
import { z } from "zod";
import { openai } from "./openai.ts";
import type { ProviderApi } from "./provider-api.ts";

const requestSchema = z.looseObject({
  model: z.string().default("gpt-image-1"),
  prompt: z.string(),
  n: z.int().positive().max(10).default(1),
});

/** `gpt-image-1`'s output tokens of a square image of low quality. https://platform.openai.com/docs/guides/image-generation */
const tokensOfImage = 272;
const bytesOfImage = 6_000;

/** `POST /v1/images/generations`: bytes that follow from the prompt, told as base64; no picture that could be looked at. */
export const openaiImages: ProviderApi = {
  name: "openai.images",
  provider: openai,
  path: "/v1/images/generations",

  read(body) {
    const parsed = requestSchema.safeParse(body);
    if (!parsed.success) return { kind: "invalid-request", message: z.prettifyError(parsed.error) };
    const { model, prompt } = parsed.data;
    return {
      model,
      lastUserText: prompt,
      turn: 0,
      input: prompt,
      maxTokens: undefined,
      generates: false,
      stream: false,
      wantsUsage: true,
    };
  },

  spell({ request, answer, created }) {
    const { prompt, n } = requestSchema.parse(request);
    const { inputTokens } = answer.usage;
    const outputTokens = n * tokensOfImage;
    const usage = {
      input_tokens: inputTokens,
      input_tokens_details: { image_tokens: 0, text_tokens: inputTokens },
      output_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    };
    const data = Array.from({ length: n }, (_, index) => ({ b64_json: imageOf(`${prompt} ${index}`) }));
    return {
      responseId: "",
      usage,
      body: () => ({ created, data, background: "opaque", output_format: "png", quality: "low", usage }),
      events: () => [],
    };
  },
};

const imageOf = (text: string): string => {
  const digest = createHash("sha256").update(text).digest();
  return Buffer.alloc(bytesOfImage, digest).toString("base64");
};
