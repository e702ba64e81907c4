import type { AnyValue, KeyValue, Span } from "@spanhouse/schemas/otlp/model";
import type { Random } from "../generator/random.ts";

/** What was said, before a provider's format. */
export type Said =
  | { readonly role: "user"; readonly text: string }
  | { readonly role: "assistant"; readonly text: string; readonly calls?: readonly ToolUse[] }
  | { readonly role: "tool"; readonly id: string; readonly text: string };

export interface ToolUse {
  readonly id: string;
  readonly name: string;
  readonly args: string;
}

export interface ModelCall {
  readonly system?: string | undefined;
  readonly messages: readonly Said[];
  readonly tools?: readonly unknown[];
  readonly format?: unknown;
  readonly answer: { readonly text?: string; readonly calls?: readonly ToolUse[] };
  readonly finish?: "length" | "refused";
  readonly responseModel?: string;
  readonly error?: { readonly type: string; readonly status: number; readonly message: string };
  readonly attempt?: number;
  /** The provider keeps prefixes as it should. */
  readonly caches?: boolean;
  readonly parent?: string;
  /** Begins with this call, ms; by default when the last span has ended. */
  readonly at?: number;
  /** How long it takes; by default as long as calls do. */
  readonly ms?: number;
}

export interface Recording {
  readonly spans: readonly Span[];
  /** When the last span ended, ms. */
  now(): number;
  call(call: ModelCall): void;
  tool(use: ToolUse, result: string, options?: ToolOptions): void;
  retrieval(query: string, documents: readonly string[]): void;
}

export interface ToolOptions {
  readonly error?: string;
  readonly at?: number;
  readonly ms?: number;
}

const models = [
  { provider: "openai", model: "gpt-4o", answered: "gpt-4o-2024-08-06" },
  { provider: "anthropic", model: "claude-sonnet-4-5", answered: "claude-sonnet-4-5-20250929" },
] as const;

/** The day of the recordings, ms. */
const day = Date.UTC(2026, 10, 20, 9);

/** A trace in the making, as our SDKs record it: exact bodies of one provider. Times go on from span to span. */
export function createRecording(random: Random): Recording {
  const traceId = random.hex(16);
  const agent = random.hex(8);
  const { provider, model, answered } = random.pick(models);
  const spans: Span[] = [];
  let clock = 0;
  let lastPrompt = "";

  const add = (name: string, values: Readonly<Record<string, unknown>>, at: number, ms: number, failed?: string) => {
    clock = Math.max(clock, at + ms);
    spans.push({
      ...{ traceId, spanId: random.hex(8), parentSpanId: String(values.parent ?? agent), name },
      startTimeUnixNano: BigInt(day + at) * 1_000_000n,
      endTimeUnixNano: BigInt(day + at + ms) * 1_000_000n,
      attributes: Object.entries(values).flatMap(([key, value]) => attributeOf(key, value)),
      ...(failed === undefined ? {} : { status: { code: 2, message: failed } }),
    });
  };

  return {
    spans,
    now: () => clock,
    call(call) {
      const body = provider === "openai" ? openaiRequest(model, call) : anthropicRequest(model, call);
      const prompt = JSON.stringify(body);
      const input = Math.ceil(prompt.length / 4);
      const kept = Math.floor(commonLength(promptOrder(body), lastPrompt) / 4);
      const cached = call.caches !== false && kept >= 1024 ? Math.floor(kept / 128) * 128 : 0;
      lastPrompt = promptOrder(body);
      const output = Math.ceil(((call.answer.text ?? "").length + JSON.stringify(call.answer.calls ?? "").length) / 4);
      const usage = { input, output, cached };
      const of = { ...call, answered: call.responseModel ?? answered, usage, id: random.hex(8) };
      const { error } = call;
      add(
        `chat ${model}`,
        {
          parent: call.parent,
          "gen_ai.operation.name": "chat",
          "gen_ai.provider.name": provider,
          "gen_ai.request.model": model,
          "spanhouse.request": prompt,
          "spanhouse.attempt": call.attempt,
          ...(error
            ? { "error.type": error.type, "http.response.status_code": error.status }
            : {
                "gen_ai.response.model": of.answered,
                "gen_ai.usage.input_tokens": input,
                "gen_ai.usage.output_tokens": output,
                "gen_ai.usage.cache_read.input_tokens": cached,
                "spanhouse.response": JSON.stringify(provider === "openai" ? openaiAnswer(of) : anthropicAnswer(of)),
              }),
        },
        call.at ?? clock + random.int(2, 30),
        call.ms ?? random.int(300, 2500),
        error?.message,
      );
    },
    tool({ id, name, args }, result, { error, at, ms } = {}) {
      add(
        `execute_tool ${name}`,
        {
          "gen_ai.operation.name": "execute_tool",
          "gen_ai.tool.name": name,
          "gen_ai.tool.call.id": id,
          "gen_ai.tool.call.arguments": args,
          "gen_ai.tool.call.result": result,
          "error.type": error,
        },
        at ?? clock + random.int(1, 10),
        ms ?? random.int(20, 140),
        error,
      );
    },
    retrieval(query, documents) {
      add(
        "retrieval handbook",
        {
          "gen_ai.operation.name": "retrieval",
          "gen_ai.retrieval.query.text": query,
          "gen_ai.retrieval.documents": JSON.stringify(
            documents.map((content, i) => ({ id: `d${i}`, score: 0.9 - i / 10, content })),
          ),
        },
        clock + random.int(1, 10),
        random.int(20, 200),
      );
    },
  };
}

function openaiRequest(model: string, { system, messages, tools, format }: ModelCall) {
  return {
    model,
    ...(tools && { tools }),
    ...(format === undefined ? {} : { response_format: format }),
    messages: [
      ...(system === undefined ? [] : [{ role: "system", content: system }]),
      ...messages.map((said) => {
        if (said.role === "tool") return { role: "tool", tool_call_id: said.id, content: said.text };
        if (said.role === "user") return { role: "user", content: said.text };
        return {
          role: "assistant",
          content: said.text || null,
          ...(said.calls && { tool_calls: said.calls.map(openaiCall) }),
        };
      }),
    ],
  };
}

const openaiCall = ({ id, name, args }: ToolUse) => ({ id, type: "function", function: { name, arguments: args } });

type Answered = ModelCall & {
  readonly answered: string;
  readonly id: string;
  readonly usage: { readonly input: number; readonly output: number; readonly cached: number };
};

function openaiAnswer({ answered, id, answer, finish, usage }: Answered) {
  const refused = finish === "refused";
  const message = {
    role: "assistant",
    content: refused ? null : (answer.text ?? null),
    ...(refused ? { refusal: answer.text } : {}),
    ...(answer.calls && { tool_calls: answer.calls.map(openaiCall) }),
  };
  return {
    id: `chatcmpl-${id}`,
    object: "chat.completion",
    model: answered,
    choices: [
      { index: 0, message, finish_reason: finish === "length" ? "length" : answer.calls ? "tool_calls" : "stop" },
    ],
    usage: {
      ...{ prompt_tokens: usage.input, completion_tokens: usage.output, total_tokens: usage.input + usage.output },
      prompt_tokens_details: { cached_tokens: usage.cached },
    },
  };
}

function anthropicRequest(model: string, { system, messages, tools, format }: ModelCall) {
  const schema = (format as { json_schema?: { schema: unknown } } | undefined)?.json_schema?.schema;
  return {
    model,
    max_tokens: 4096,
    ...(tools && {
      tools: (tools as { function: { name: string; parameters: unknown } }[]).map(
        ({ function: { name, parameters } }) => ({ name, input_schema: parameters }),
      ),
    }),
    ...(schema === undefined ? {} : { output_format: { type: "json_schema", schema } }),
    ...(system === undefined ? {} : { system }),
    messages: messages.map((said) => {
      if (said.role === "tool")
        return { role: "user", content: [{ type: "tool_result", tool_use_id: said.id, content: said.text }] };
      if (said.role === "user") return { role: "user", content: said.text };
      return { role: "assistant", content: anthropicContent(said.text, said.calls) };
    }),
  };
}

function anthropicContent(text: string | undefined, calls: readonly ToolUse[] = []) {
  const uses = calls.map(({ id, name, args }) => ({ type: "tool_use", id, name, input: JSON.parse(args) as unknown }));
  return [...(text ? [{ type: "text", text }] : []), ...uses];
}

function anthropicAnswer({ answered, id, answer, finish, usage }: Answered) {
  const reason =
    finish === "length" ? "max_tokens" : finish === "refused" ? "refusal" : answer.calls ? "tool_use" : "end_turn";
  return {
    id: `msg_${id}`,
    type: "message",
    role: "assistant",
    model: answered,
    content: anthropicContent(answer.text, answer.calls),
    stop_reason: reason,
    usage: {
      ...{
        input_tokens: usage.input - usage.cached,
        output_tokens: usage.output,
        cache_read_input_tokens: usage.cached,
      },
      cache_creation_input_tokens: 0,
    },
  };
}

/** Providers read tools and instructions first. */
function promptOrder(body: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([body.tools, body.system, body.messages]);
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}

function attributeOf(key: string, value: unknown): KeyValue[] {
  if (key === "parent" || value === undefined) return [];
  const wire: AnyValue =
    typeof value === "number" ? { type: "int", value: BigInt(value) } : { type: "string", value: String(value) };
  return [{ key, value: wire }];
}
