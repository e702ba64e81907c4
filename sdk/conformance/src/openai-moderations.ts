import { z } from "zod";
import { openai } from "./openai.ts";
import type { ProviderApi } from "./provider-api.ts";

const requestSchema = z.looseObject({
  model: z.string().default("omni-moderation-latest"),
  input: z.union([z.string(), z.array(z.string()).min(1)]),
});

/** `POST /v1/moderations`: flags what the script filters. It costs nothing, and tells no usage. */
export const openaiModerations: ProviderApi = {
  name: "openai.moderations",
  provider: openai,
  path: "/v1/moderations",

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
      generates: true,
      stream: false,
      wantsUsage: false,
    };
  },

  spell({ request, answer, responseModel, id }) {
    const { input } = requestSchema.parse(request);
    const responseId = id("modr-", 32);
    const flagged = answer.kind === "filtered";
    const result = {
      flagged,
      categories: { harassment: flagged, violence: false },
      category_scores: { harassment: flagged ? 0.91 : 0.0002, violence: 0.0001 },
    };
    return {
      responseId,
      usage: null,
      body: () => ({ id: responseId, model: responseModel, results: [input].flat().map(() => result) }),
      events: () => [],
    };
  },
};
