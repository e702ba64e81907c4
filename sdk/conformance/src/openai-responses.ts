import { z } from "zod";
import { piecesOf } from "./answer.ts";
import { openai } from "./openai.ts";
import type { ProviderApi, SseEvent } from "./provider-api.ts";
import { textOf } from "./text-parts.ts";
import type { SimulatedUsage } from "./tokens.ts";

const itemSchema = z.looseObject({
  type: z.string().optional(),
  role: z.string().optional(),
  content: z.unknown().optional(),
});

const requestSchema = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(itemSchema).min(1)]),
  instructions: z.string().nullish(),
  tools: z.array(z.unknown()).optional(),
  stream: z.boolean().nullish(),
  max_output_tokens: z.number().nullish(),
});

/** `POST /v1/responses`. Its stream is typed events, each numbered. */
export const openaiResponses: ProviderApi = {
  name: "openai.responses",
  provider: openai,
  path: "/v1/responses",

  read(body) {
    const parsed = requestSchema.safeParse(body);
    if (!parsed.success) return { kind: "invalid-request", message: z.prettifyError(parsed.error) };
    const { model, input, instructions, tools, stream, max_output_tokens } = parsed.data;
    const items = typeof input === "string" ? [{ role: "user", content: input }] : input;
    const lastUser = items.findLastIndex(({ role }) => role === "user");
    const since = items.slice(lastUser + 1).map((item) => ("type" in item ? item.type : undefined));
    return {
      model,
      lastUserText: textOf(items[lastUser]?.content),
      turn: since.filter((type, i) => type === "function_call_output" && since[i - 1] !== type).length,
      input: JSON.stringify({ input, instructions: instructions ?? undefined, tools }),
      maxTokens: max_output_tokens ?? undefined,
      generates: true,
      stream: stream ?? false,
      wantsUsage: true,
    };
  },

  spell({ request, answer, responseModel, created, id }) {
    const responseId = id("resp_", 48);
    const usage = usageOf(answer.usage);
    const incomplete = { filtered: "content_filter", truncated: "max_output_tokens" }[answer.kind as string];
    const part =
      answer.kind === "refused"
        ? { type: "refusal", refusal: answer.text }
        : { type: "output_text", annotations: [], logprobs: [], text: answer.text };
    const status = incomplete === undefined ? "completed" : "incomplete";
    const calls = answer.toolCalls.map((call) => ({
      id: id("fc_", 48),
      type: "function_call",
      status: "completed",
      arguments: call.arguments,
      call_id: id("call_", 24),
      name: call.name,
    }));
    const message = { id: id("msg_", 48), type: "message", status, role: "assistant", content: [part] };
    const reasoning = { id: id("rs_", 48), type: "reasoning", summary: [] };
    const output = [
      ...(answer.usage.reasoningTokens > 0 ? [reasoning] : []),
      ...(calls.length > 0 ? calls : [message]),
    ];
    const response = (over: object) => ({
      id: responseId,
      object: "response",
      created_at: created,
      background: false,
      error: null,
      instructions: request.instructions ?? null,
      max_output_tokens: request.max_output_tokens ?? null,
      metadata: request.metadata ?? {},
      model: responseModel,
      parallel_tool_calls: request.parallel_tool_calls ?? true,
      previous_response_id: request.previous_response_id ?? null,
      reasoning: { effort: null, summary: null },
      service_tier: "default",
      store: request.store ?? true,
      temperature: request.temperature ?? 1,
      text: request.text ?? { format: { type: "text" } },
      tool_choice: request.tool_choice ?? "auto",
      tools: request.tools ?? [],
      top_p: request.top_p ?? 1,
      truncation: "disabled",
      user: null,
      ...over,
    });
    const final = response({
      status,
      incomplete_details: incomplete === undefined ? null : { reason: incomplete },
      output,
      usage,
    });

    const events = (): SseEvent[] => {
      const started = response({ status: "in_progress", incomplete_details: null, output: [], usage: null });
      const list = [
        { type: "response.created", response: started },
        { type: "response.in_progress", response: started },
        ...output.flatMap((item, output_index) => {
          const at = { output_index, item_id: item.id };
          if (item === message) return messageEvents(message, part, at);
          if (item === reasoning) return itemEvents(reasoning, reasoning, output_index, []);
          const call = item as (typeof calls)[number];
          return itemEvents({ ...call, status: "in_progress", arguments: "" }, call, output_index, [
            ...piecesOf(call.arguments).map((delta) => ({
              type: "response.function_call_arguments.delta",
              ...at,
              delta,
            })),
            { type: "response.function_call_arguments.done", ...at, name: call.name, arguments: call.arguments },
          ]);
        }),
        { type: `response.${status}`, response: final },
      ];
      return list.map(({ type, ...rest }, sequence_number) => ({
        event: type,
        data: { type, sequence_number, ...rest },
      }));
    };

    return { responseId, usage, body: () => final, events };
  },
};

interface TypedEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

const itemEvents = (
  added: object,
  done: object,
  output_index: number,
  between: readonly TypedEvent[],
): readonly TypedEvent[] => [
  { type: "response.output_item.added", output_index, item: added },
  ...between,
  { type: "response.output_item.done", output_index, item: done },
];

const messageEvents = (
  message: object,
  part: { readonly type: string; readonly text?: string; readonly refusal?: string },
  at: { readonly output_index: number; readonly item_id: string },
): readonly TypedEvent[] => {
  const where = { ...at, content_index: 0 };
  const refused = part.type === "refusal";
  const text = part.text ?? part.refusal ?? "";
  const kind = refused ? "response.refusal" : "response.output_text";
  const logprobs = refused ? {} : { logprobs: [] };
  const empty = refused ? { ...part, refusal: "" } : { ...part, text: "" };
  return itemEvents({ ...message, status: "in_progress", content: [] }, message, at.output_index, [
    { type: "response.content_part.added", ...where, part: empty },
    ...piecesOf(text).map((delta) => ({ type: `${kind}.delta`, ...where, delta, ...logprobs })),
    { type: `${kind}.done`, ...where, ...(refused ? { refusal: text } : { text }), ...logprobs },
    { type: "response.content_part.done", ...where, part },
  ]);
};

/** Inclusive: input_tokens includes the cache, output_tokens the reasoning. */
function usageOf(usage: SimulatedUsage) {
  return {
    input_tokens: usage.inputTokens,
    input_tokens_details: { cached_tokens: usage.cacheReadTokens, cache_write_tokens: usage.cacheWriteTokens },
    output_tokens: usage.outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    total_tokens: usage.inputTokens + usage.outputTokens,
  };
}
