import { z } from "zod";
import { type Answer, piecesOf } from "./answer.ts";
import { anthropic } from "./anthropic.ts";
import type { ProviderApi, SseEvent } from "./provider-api.ts";
import { textOf } from "./text-parts.ts";
import type { SimulatedUsage } from "./tokens.ts";

const requestSchema = z.looseObject({
  model: z.string(),
  max_tokens: z.int().positive(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown().optional() })).min(1),
  system: z.unknown().optional(),
  tools: z.array(z.unknown()).optional(),
  stream: z.boolean().nullish(),
  /** The client's tool runner sends only what is new, and names the message that it goes on from. */
  thread: z.looseObject({ type: z.string() }).nullish(),
});

const stopReasons: Readonly<Record<Answer["kind"], string>> = {
  text: "end_turn",
  refused: "refusal",
  filtered: "refusal",
  tools: "tool_use",
  truncated: "max_tokens",
};

/**
 * `POST /v1/messages`. A refusal is stop_reason "refusal" with stop_details; its words may stand in the content.
 * The content filter is no stop reason here but a 400.
 */
export const anthropicMessages: ProviderApi = {
  name: "anthropic.messages",
  provider: anthropic,
  path: "/v1/messages",

  read(body) {
    const parsed = requestSchema.safeParse(body);
    if (!parsed.success) return { kind: "invalid-request", message: z.prettifyError(parsed.error) };
    const { model, max_tokens, messages, system, tools, stream, thread } = parsed.data;
    const lastUser = messages.findLastIndex(({ role, content }) => role === "user" && textOf(content) !== "");
    return {
      model,
      lastUserText: textOf(messages[lastUser]?.content),
      turn:
        messages.slice(lastUser + 1).filter(({ role }) => role === "assistant").length +
        (thread?.type === "continue" ? 1 : 0),
      input: JSON.stringify({ system, messages, tools }),
      maxTokens: max_tokens,
      generates: true,
      stream: stream ?? false,
      wantsUsage: true,
    };
  },

  spell({ answer, responseModel, id }) {
    if (answer.kind === "filtered")
      return { status: 400, code: "invalid_request_error", message: "Output blocked by content filtering policy" };
    const responseId = id("msg_01", 22);
    const usage = usageOf(answer.usage);
    const blocks = [
      ...(answer.text === "" ? [] : [{ type: "text" as const, text: answer.text }]),
      ...answer.toolCalls.map((call) => ({
        type: "tool_use" as const,
        id: id("toolu_01", 22),
        name: call.name,
        json: call.arguments,
      })),
    ];
    const ending = {
      stop_reason: stopReasons[answer.kind],
      stop_sequence: null,
      stop_details: answer.kind === "refused" ? { type: "refusal", category: "cyber", explanation: answer.text } : null,
    };
    const message = { id: responseId, type: "message", role: "assistant", model: responseModel };

    const events = (): SseEvent[] => {
      const list = [
        {
          type: "message_start",
          message: {
            ...message,
            content: [],
            stop_reason: null,
            stop_sequence: null,
            stop_details: null,
            usage: { ...usage, output_tokens: 1, output_tokens_details: null },
          },
        },
        ...blocks.flatMap((block, index) => {
          const deltas =
            block.type === "text"
              ? piecesOf(block.text).map((text) => ({ type: "text_delta", text }))
              : ["", ...piecesOf(block.json)].map((partial_json) => ({ type: "input_json_delta", partial_json }));
          const content_block =
            block.type === "text"
              ? { ...block, text: "" }
              : { type: block.type, id: block.id, name: block.name, input: {} };
          return [
            { type: "content_block_start", index, content_block },
            ...(index === 0 ? [{ type: "ping" }] : []),
            ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
            { type: "content_block_stop", index },
          ];
        }),
        {
          type: "message_delta",
          delta: ending,
          usage: {
            input_tokens: usage.input_tokens,
            cache_creation_input_tokens: usage.cache_creation_input_tokens,
            cache_read_input_tokens: usage.cache_read_input_tokens,
            output_tokens: usage.output_tokens,
            output_tokens_details: usage.output_tokens_details,
          },
        },
        { type: "message_stop" },
      ];
      return list.map((data) => ({ event: data.type, data }));
    };

    return {
      responseId,
      usage,
      body: () => ({
        ...message,
        content: blocks.map((block) =>
          block.type === "text"
            ? block
            : { type: block.type, id: block.id, name: block.name, input: JSON.parse(block.json) as unknown },
        ),
        ...ending,
        usage,
      }),
      events,
    };
  },
};

/** Exclusive: input_tokens is what was neither read from nor written to the cache. Thinking is within output_tokens. */
function usageOf(usage: SimulatedUsage) {
  return {
    input_tokens: usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
    cache_creation: {
      ephemeral_5m_input_tokens: usage.cacheWriteTokens - usage.cacheWrite1hTokens,
      ephemeral_1h_input_tokens: usage.cacheWrite1hTokens,
    },
    output_tokens: usage.outputTokens,
    output_tokens_details: usage.reasoningTokens > 0 ? { thinking_tokens: usage.reasoningTokens } : null,
    server_tool_use: null,
    service_tier: "standard",
  };
}
