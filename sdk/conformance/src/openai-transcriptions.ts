import { z } from "zod";
import { openai } from "./openai.ts";
import type { ProviderApi } from "./provider-api.ts";

/** Of a form: its fields, a file as `{name, bytes, text}`. */
const requestSchema = z.looseObject({
  model: z.string(),
  file: z.looseObject({ name: z.string(), bytes: z.number(), text: z.string() }),
});

/** `POST /v1/audio/transcriptions`: a form with a file. What is said in it is what the script says, else its own text. */
export const openaiTranscriptions: ProviderApi = {
  name: "openai.audio.transcriptions",
  provider: openai,
  path: "/v1/audio/transcriptions",

  read(body) {
    const parsed = requestSchema.safeParse(body);
    if (!parsed.success) return { kind: "invalid-request", message: z.prettifyError(parsed.error) };
    const { model, file } = parsed.data;
    return {
      model,
      lastUserText: "",
      turn: 0,
      input: file.text,
      maxTokens: undefined,
      generates: true,
      stream: false,
      wantsUsage: true,
    };
  },

  spell({ answer }) {
    const { inputTokens, outputTokens } = answer.usage;
    const usage = {
      type: "tokens",
      input_tokens: inputTokens,
      input_token_details: { text_tokens: 0, audio_tokens: inputTokens },
      output_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    };
    return { responseId: "", usage, body: () => ({ text: answer.text, usage }), events: () => [] };
  },
};
