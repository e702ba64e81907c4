import { z } from "zod";
import { type Answer, piecesOf } from "./answer.ts";
import { google } from "./google.ts";
import type { ProviderApi, SseEvent } from "./provider-api.ts";
import { textOf } from "./text-parts.ts";
import type { SimulatedUsage } from "./tokens.ts";

const requestSchema = z.looseObject({
  /** From the path, as is `stream`: the simulator puts them in. */
  model: z.string(),
  stream: z.boolean(),
  contents: z.array(z.looseObject({ role: z.string().optional(), parts: z.array(z.unknown()) })).min(1),
  systemInstruction: z.unknown().optional(),
  tools: z.array(z.unknown()).optional(),
  generationConfig: z.looseObject({ maxOutputTokens: z.number().optional() }).optional(),
});

const finishReasons: Readonly<Record<Answer["kind"], string>> = {
  text: "STOP",
  tools: "STOP",
  refused: "SAFETY",
  filtered: "SAFETY",
  truncated: "MAX_TOKENS",
};

/**
 * `POST /v1beta/models/MODEL:generateContent` and `:streamGenerateContent`. It has no words of refusal: a refusal is a
 * blocked prompt, without candidates; the filter is the finish reason SAFETY.
 */
export const googleContent: ProviderApi = {
  name: "google.content",
  provider: google,
  path: /^\/v1(?:beta)?\/models\/(?<model>[^:]+):(?<method>generateContent|streamGenerateContent)$/,

  read(body) {
    const parsed = requestSchema.safeParse(body);
    if (!parsed.success) return { kind: "invalid-request", message: z.prettifyError(parsed.error) };
    const { model, stream, contents, systemInstruction, tools, generationConfig } = parsed.data;
    const lastUser = contents.findLastIndex(({ role, parts }) => role !== "model" && textOf(parts) !== "");
    return {
      model,
      lastUserText: textOf(contents[lastUser]?.parts),
      turn: contents.slice(lastUser + 1).filter(({ role }) => role === "model").length,
      input: JSON.stringify({ systemInstruction, contents, tools }),
      maxTokens: generationConfig?.maxOutputTokens,
      generates: true,
      stream,
      wantsUsage: true,
    };
  },

  spell({ answer, responseModel, id }) {
    const responseId = id("", 22);
    const usageMetadata = usageOf(answer.usage);
    const common = { modelVersion: responseModel, responseId };
    const chunk = (parts: readonly unknown[], ending: object = {}) => ({
      candidates: [{ content: { role: "model", parts }, index: 0, ...ending }],
      ...common,
    });
    const calls = answer.toolCalls.map(({ name, arguments: args }) => ({
      functionCall: { name, args: JSON.parse(args) as unknown },
    }));
    const ending = { finishReason: finishReasons[answer.kind] };
    const blocked = { promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, ...common, usageMetadata };
    return {
      responseId,
      usage: usageMetadata,
      body: () =>
        answer.kind === "refused"
          ? blocked
          : { ...chunk(calls.length > 0 ? calls : [{ text: answer.text }], ending), usageMetadata },
      events: (): SseEvent[] => {
        if (answer.kind === "refused") return [{ data: blocked }];
        const parts = calls.length > 0 ? calls : piecesOf(answer.text).map((text) => ({ text }));
        return [
          ...parts.map((part) => ({ data: chunk([part]) })),
          { data: { ...chunk([{ text: "" }], ending), usageMetadata } },
        ];
      },
    };
  },
};

/** The prompt includes the cache; thoughts are counted beside the candidates. */
function usageOf(usage: SimulatedUsage) {
  return {
    promptTokenCount: usage.inputTokens,
    candidatesTokenCount: usage.outputTokens - usage.reasoningTokens,
    totalTokenCount: usage.inputTokens + usage.outputTokens,
    cachedContentTokenCount: usage.cacheReadTokens,
    thoughtsTokenCount: usage.reasoningTokens,
  };
}
