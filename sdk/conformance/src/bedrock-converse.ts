import { z } from "zod";
import { amazon } from "./amazon.ts";
import { amazonFrame } from "./amazon-event-stream.ts";
import { type Answer, piecesOf } from "./answer.ts";
import type { ProviderApi, SseEvent } from "./provider-api.ts";
import { textOf } from "./text-parts.ts";
import type { SimulatedUsage } from "./tokens.ts";

const requestSchema = z.looseObject({
  /** From the path, as is `stream`: the simulator puts them in. */
  model: z.string(),
  stream: z.boolean(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.array(z.looseObject({})) })).min(1),
  system: z.array(z.unknown()).optional(),
  toolConfig: z.unknown().optional(),
  inferenceConfig: z.looseObject({ maxTokens: z.number().optional() }).optional(),
});

const stopReasons: Readonly<Record<Answer["kind"], string>> = {
  text: "end_turn",
  tools: "tool_use",
  refused: "guardrail_intervened",
  filtered: "content_filtered",
  truncated: "max_tokens",
};

/** `POST /model/MODEL/converse` and `/converse-stream`. A refusal is a guardrail's: its words in the answer's place. */
export const bedrockConverse: ProviderApi = {
  name: "bedrock.converse",
  provider: amazon,
  path: /^\/model\/(?<model>[^/]+)\/(?<method>converse|converse-stream)$/,

  read(body) {
    const parsed = requestSchema.safeParse(body);
    if (!parsed.success) return { kind: "invalid-request", message: z.prettifyError(parsed.error) };
    const { model, stream, messages, system, toolConfig, inferenceConfig } = parsed.data;
    const lastUser = messages.findLastIndex(({ role, content }) => role === "user" && textOf(content) !== "");
    return {
      model,
      lastUserText: textOf(messages[lastUser]?.content),
      turn: messages.slice(lastUser + 1).filter(({ role }) => role === "assistant").length,
      input: JSON.stringify({ system, messages, toolConfig }),
      maxTokens: inferenceConfig?.maxTokens,
      generates: true,
      stream,
      wantsUsage: true,
    };
  },

  spell({ answer, id }) {
    const usage = usageOf(answer.usage);
    const metrics = { latencyMs: 5 };
    const stopReason = stopReasons[answer.kind];
    const calls = answer.toolCalls.map(({ name, arguments: input }) => ({
      toolUseId: id("tooluse_", 22),
      name,
      input,
    }));
    return {
      // Amazon names no answer.
      responseId: "",
      usage,
      frame: { type: "application/vnd.amazon.eventstream", of: amazonFrame },
      body: () => ({
        metrics,
        output: {
          message: {
            content: [
              ...(answer.text === "" ? [] : [{ text: answer.text }]),
              ...calls.map((call) => ({ toolUse: { ...call, input: JSON.parse(call.input) as unknown } })),
            ],
            role: "assistant",
          },
        },
        stopReason,
        usage,
      }),
      events: (): readonly SseEvent[] => [
        { event: "messageStart", data: { role: "assistant" } },
        ...piecesOf(answer.text).map((text) => ({
          event: "contentBlockDelta",
          data: { contentBlockIndex: 0, delta: { text } },
        })),
        ...calls.flatMap(({ toolUseId, name, input }, contentBlockIndex) => [
          { event: "contentBlockStart", data: { contentBlockIndex, start: { toolUse: { toolUseId, name } } } },
          { event: "contentBlockDelta", data: { contentBlockIndex, delta: { toolUse: { input } } } },
        ]),
        { event: "contentBlockStop", data: { contentBlockIndex: 0 } },
        { event: "messageStop", data: { stopReason } },
        { event: "metadata", data: { metrics, usage } },
      ],
    };
  },
};

/** The cache is counted beside the input. */
function usageOf(usage: SimulatedUsage) {
  const inputTokens = usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens;
  return {
    cacheReadInputTokens: usage.cacheReadTokens,
    cacheWriteInputTokens: usage.cacheWriteTokens,
    inputTokens,
    outputTokens: usage.outputTokens,
    totalTokens: usage.inputTokens + usage.outputTokens,
  };
}
