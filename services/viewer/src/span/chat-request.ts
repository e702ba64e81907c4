import type { Message, Part, SpanDetail, SpanMessages } from "./span-types.ts";

/** A request of OpenAI's chat completions: what endpoints that call themselves compatible with it take. */
export type ChatRequest = Readonly<Record<string, unknown>> & {
  readonly model: string;
  readonly messages: readonly unknown[];
};

/** Parameters that other APIs have under the same name, or nearly: what stays of a call that is asked again. */
const kept = ["temperature", "top_p", "seed", "max_tokens", "max_completion_tokens"] as const;

/**
 * A model call as a chat completion that can be asked again, whole and not as a stream: the request itself where it is
 * one, else its messages; undefined where neither is known.
 */
export function chatRequest(span: SpanDetail, messages: SpanMessages): ChatRequest | undefined {
  if (span.role !== "model" || span.family !== "generate") return undefined;
  const body = bodyOf(span.request);
  if (body && Array.isArray(body.messages) && span.provider !== "anthropic" && !("system" in body)) {
    const { stream: _stream, stream_options: _options, ...whole } = body;
    return { ...whole, model: String(body.model), messages: body.messages };
  }
  if (messages.input.length + messages.system.length === 0) return undefined;
  const parameters = kept.flatMap((name) => (body?.[name] === undefined ? [] : [[name, body[name]] as const]));
  return { ...chatBody(span, messages), ...Object.fromEntries(parameters) };
}

/** The request where it is a body that a provider takes. */
export function bodyOf(request: string | null): Readonly<Record<string, unknown>> | undefined {
  try {
    const body: unknown = JSON.parse(request ?? "");
    if (typeof body === "object" && body !== null && !Array.isArray(body) && "model" in body) {
      return body as Record<string, unknown>;
    }
  } catch {
    // Not JSON, such as a stream that was cut: not a body to send again.
  }
  return undefined;
}

/** The messages of any format as a request of OpenAI's chat completions. */
export function chatBody(span: SpanDetail, { system, input, tools }: SpanMessages): ChatRequest {
  const history: readonly Message[] = system.length > 0 ? [{ role: "system", parts: system }, ...input] : input;
  const offered = tools.map(({ name, description, parameters }) => ({
    type: "function",
    function: { name, ...(description ? { description } : {}), ...(parameters === undefined ? {} : { parameters }) },
  }));
  return {
    model: span.request_model || span.response_model,
    messages: history.flatMap(chatMessages),
    ...(offered.length > 0 ? { tools: offered } : {}),
  };
}

function chatMessages({ role, parts }: Message): readonly unknown[] {
  const texts = parts.flatMap((part) => (part.type === "text" || part.type === "refusal" ? [part.content] : []));
  const calls = parts.filter((part): part is Extract<Part, { type: "tool_call" }> => part.type === "tool_call");
  const results = parts.flatMap((part) =>
    part.type === "tool_call_response"
      ? [{ role: "tool", tool_call_id: part.id ?? "", content: textOfValue(part.response) }]
      : [],
  );
  if (results.length > 0) return results;
  const said = { role, content: texts.length > 0 ? texts.join("\n") : null };
  if (calls.length === 0) return [said];
  return [
    {
      ...said,
      tool_calls: calls.map(({ id, name, arguments: args }) => ({
        id: id ?? "",
        type: "function",
        function: { name, arguments: textOfValue(args) },
      })),
    },
  ];
}

const textOfValue = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
