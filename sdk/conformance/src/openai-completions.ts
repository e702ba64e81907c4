import { z } from "zod";
import { piecesOf } from "./answer.ts";
import { openai } from "./openai.ts";
import type { ProviderApi, SseEvent } from "./provider-api.ts";

const requestSchema = z.looseObject({
  model: z.string(),
  prompt: z.string(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: z.number().nullish(),
});

/** `POST /v1/completions`: the older text completions, one prompt. They know neither tools nor refusals. */
export const openaiCompletions: ProviderApi = {
  name: "openai.completions",
  provider: openai,
  path: "/v1/completions",

  read(body) {
    const parsed = requestSchema.safeParse(body);
    if (!parsed.success) return { kind: "invalid-request", message: z.prettifyError(parsed.error) };
    const { model, prompt, stream, stream_options, max_tokens } = parsed.data;
    return {
      model,
      lastUserText: prompt,
      turn: 0,
      input: prompt,
      maxTokens: max_tokens ?? undefined,
      generates: true,
      stream: stream ?? false,
      wantsUsage: !stream || (stream_options?.include_usage ?? false),
    };
  },

  spell({ prompt, answer, responseModel, created, id }) {
    const common = { id: id("cmpl-", 29), object: "text_completion", created, model: responseModel };
    const finishReason = answer.kind === "truncated" ? "length" : "stop";
    const { inputTokens, outputTokens } = answer.usage;
    const usage = {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    };
    const choice = (text: string, finish_reason: string | null) => ({ text, index: 0, logprobs: null, finish_reason });
    return {
      responseId: common.id,
      usage: prompt.wantsUsage ? usage : null,
      body: () => ({ ...common, choices: [choice(answer.text, finishReason)], usage }),
      events: () => {
        const chunk = (text: string, reason: string | null = null): SseEvent => ({
          data: { ...common, choices: [choice(text, reason)] },
        });
        return [
          ...piecesOf(answer.text).map((piece) => chunk(piece)),
          chunk("", finishReason),
          ...(prompt.wantsUsage ? [{ data: { ...common, choices: [], usage } }] : []),
          { data: "[DONE]" },
        ];
      },
    };
  },
};
