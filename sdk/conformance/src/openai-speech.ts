import { z } from "zod";
import { openai } from "./openai.ts";
import type { ProviderApi } from "./provider-api.ts";

const requestSchema = z.looseObject({ model: z.string(), input: z.string(), voice: z.string() });

/** `POST /v1/audio/speech`: the text itself in place of sound, as `audio/mpeg`. Speech has no usage on the wire. */
export const openaiSpeech: ProviderApi = {
  name: "openai.audio.speech",
  provider: openai,
  path: "/v1/audio/speech",

  read(body) {
    const parsed = requestSchema.safeParse(body);
    if (!parsed.success) return { kind: "invalid-request", message: z.prettifyError(parsed.error) };
    const { model, input } = parsed.data;
    return {
      model,
      lastUserText: input,
      turn: 0,
      input,
      maxTokens: undefined,
      generates: false,
      stream: false,
      wantsUsage: false,
    };
  },

  spell({ request }) {
    const { input } = requestSchema.parse(request);
    return {
      responseId: "",
      usage: null,
      type: "audio/mpeg",
      body: () => `ID3 ${input}`,
      events: () => [],
    };
  },
};
