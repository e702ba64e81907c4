import { z } from "zod";
import { type Answer, piecesOf } from "./answer.ts";
import { openai } from "./openai.ts";
import type { ProviderApi, SseEvent } from "./provider-api.ts";
import { textOf } from "./text-parts.ts";
import type { SimulatedUsage } from "./tokens.ts";

const requestSchema = z.looseObject({
  model: z.string(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown().optional() })).min(1),
  tools: z.array(z.unknown()).optional(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: z.number().nullish(),
  max_completion_tokens: z.number().nullish(),
});

const finishReasons: Readonly<Record<Answer["kind"], string>> = {
  text: "stop",
  refused: "stop",
  tools: "tool_calls",
  filtered: "content_filter",
  truncated: "length",
};

/** `POST /v1/chat/completions`. A refusal is `message.refusal` with finish_reason "stop". */
export const openaiChat: ProviderApi = {
  name: "openai.chat",
  provider: openai,
  path: "/v1/chat/completions",

  read(body) {
    const parsed = requestSchema.safeParse(body);
    if (!parsed.success) return { kind: "invalid-request", message: z.prettifyError(parsed.error) };
    const { model, messages, tools, stream, stream_options, max_tokens, max_completion_tokens } = parsed.data;
    const lastUser = messages.findLastIndex(({ role }) => role === "user");
    return {
      model,
      lastUserText: textOf(messages[lastUser]?.content),
      turn: messages.slice(lastUser + 1).filter(({ role }) => role === "assistant").length,
      input: JSON.stringify({ messages, tools }),
      maxTokens: max_completion_tokens ?? max_tokens ?? undefined,
      generates: true,
      stream: stream ?? false,
      wantsUsage: !stream || (stream_options?.include_usage ?? false),
    };
  },

  spell({ prompt, answer, responseModel, created, id }) {
    const responseId = id("chatcmpl-", 29);
    const calls = answer.toolCalls.map((call) => ({
      id: id("call_", 24),
      type: "function",
      function: { name: call.name, arguments: call.arguments },
    }));
    const finishReason = finishReasons[answer.kind];
    const usage = usageOf(answer.usage);
    const refusal = answer.kind === "refused" ? answer.text : null;
    const content = refusal === null && calls.length === 0 ? answer.text : null;
    const common = {
      id: responseId,
      created,
      model: responseModel,
      service_tier: "default",
      system_fingerprint: "fp_5150000000",
    };
    const message = { role: "assistant", content, refusal, annotations: [] };

    const events = (): SseEvent[] => {
      const withUsage = prompt.wantsUsage ? { usage: null } : {};
      const chunk = (delta: unknown, finish_reason: string | null = null): SseEvent => ({
        data: {
          ...common,
          object: "chat.completion.chunk",
          choices: [{ index: 0, delta, logprobs: null, finish_reason }],
          ...withUsage,
        },
      });
      const pieces = piecesOf(answer.text).map((piece) =>
        chunk(refusal === null ? { content: piece } : { refusal: piece }),
      );
      const usageChunk: SseEvent = { data: { ...common, object: "chat.completion.chunk", choices: [], usage } };
      return [
        chunk({ role: "assistant", content: calls.length > 0 ? null : "", refusal: null }),
        ...calls.flatMap((call, index) => [
          chunk({ tool_calls: [{ index, ...call, function: { name: call.function.name, arguments: "" } }] }),
          ...piecesOf(call.function.arguments).map((piece) =>
            chunk({ tool_calls: [{ index, function: { arguments: piece } }] }),
          ),
        ]),
        ...pieces,
        chunk({}, finishReason),
        ...(prompt.wantsUsage ? [usageChunk] : []),
        { data: "[DONE]" },
      ];
    };

    return {
      responseId,
      usage: prompt.wantsUsage ? usage : null,
      body: () => ({
        ...common,
        object: "chat.completion",
        choices: [
          {
            index: 0,
            message: calls.length > 0 ? { ...message, tool_calls: calls } : message,
            logprobs: null,
            finish_reason: finishReason,
          },
        ],
        usage,
      }),
      events,
    };
  },
};

/** Inclusive: prompt_tokens includes the cache, completion_tokens the reasoning. */
function usageOf(usage: SimulatedUsage) {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cacheReadTokens,
      cache_write_tokens: usage.cacheWriteTokens,
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
