import type { SpanDetail } from "../api/spans.ts";
import { type JsonObject, objectOf, objectsOf, parseJson } from "../json-value.ts";
import { anthropic } from "./anthropic.ts";
import { bedrock } from "./bedrock.ts";
import { cohere } from "./cohere.ts";
import { documentsOf, rerank } from "./documents.ts";
import { embeddings } from "./embeddings.ts";
import { gemini } from "./gemini.ts";
import { genkit } from "./genkit.ts";
import { treeOf } from "./indexed-names.ts";
import { langchain } from "./langchain.ts";
import type { Message, MessageFormat, Rendering, UnreadReason } from "./message.ts";
import type { Answer, MessageReader, Prompt } from "./message-reader.ts";
import { openaiChat } from "./openai-chat.ts";
import { openaiCompletions } from "./openai-completions.ts";
import { openaiResponses } from "./openai-responses.ts";
import { openinference } from "./openinference.ts";
import { type ParsedText, parseText } from "./parse-text.ts";
import { contentParts, otherPart, textParts, toolCall, toolResponse, unwrapped } from "./parts.ts";
import { semconv, semconvParts } from "./semconv.ts";
import { toolDefinitions } from "./tool-definitions.ts";
import { vercel } from "./vercel.ts";

/** What of a span the messages are read from. */
export type RenderedSpan = Pick<
  SpanDetail,
  | ("role" | "family" | "tool_name" | "tool_call_id" | "fidelity")
  | ("request" | "response" | "tool_arguments" | "tool_result" | "documents" | "attributes")
>;

/** The more specific before the more general: a chat request of plain texts is anyone's. */
const readers: readonly MessageReader[] = [
  ...[openinference, langchain, genkit, bedrock, anthropic, gemini, cohere, vercel],
  ...[semconv, openaiChat, openaiResponses, openaiCompletions],
];

const readersByFamily: Readonly<Record<string, readonly MessageReader[]>> = {
  embed: [genkit, embeddings],
  rerank: [rerank],
};

/**
 * A span's texts as messages of one shape, whoever wrote them. Pure and total: what cannot be read is said in `unread`
 * and shown as it is, as text or as a part `other`. It never decides anything: spend and outcome come from the row.
 */
export function renderMessages(span: RenderedSpan): Rendering {
  const attributes = new Map(span.attributes.map(({ key, value }) => [key, value]));
  if (span.role === "tool") return renderTool(span);
  const asked = readRequest(span, attributes);
  const answered = readResponse(span, attributes);
  const said = parseText(span.documents);
  const unread: Rendering["unread"] = [];
  for (const [text, { reason }] of [
    ["request", asked],
    ["response", answered],
  ] as const) {
    if (reason !== undefined)
      unread.push({ text, reason: attributes.get(`spanhouse.${text}.truncated`) === true ? "truncated" : reason });
  }
  if (said.kind === "broken") unread.push({ text: "documents", reason: "not_json" });
  const { prompt } = asked;
  const output = [...(answered.answer.output ?? [])];
  const documents = said.kind === "json" ? documentsOf(said.value) : [];
  return {
    system: [
      ...(prompt.system ?? []),
      ...contentParts(unwrapped(attributes.get("gen_ai.system_instructions")), semconvParts),
    ],
    input: [...(prompt.input ?? [])],
    output,
    tools: prompt.tools?.length ? [...prompt.tools] : offeredIn(attributes),
    refusal: refusalIn(output) ?? textOf(attributes.get("spanhouse.refusal")),
    reasoning: reasoningIn(output[0]),
    query: prompt.query ?? textOf(attributes.get("gen_ai.retrieval.query.text") ?? attributes.get("reranker.query")),
    documents: documents.length > 0 ? documents : ranked(prompt, answered.answer),
    inputs: [...(prompt.inputs ?? embeddedIn(attributes))],
    sources: { input: asked.format, output: answered.format },
    unread,
  };
}

interface RequestRead {
  readonly format: MessageFormat | null;
  readonly prompt: Prompt;
  readonly reason?: UnreadReason;
}

function readRequest(span: RenderedSpan, attributes: ReadonlyMap<string, unknown>): RequestRead {
  const parsed = parseText(span.request);
  const messages = (text: string): Prompt => ({ input: [{ role: "user", parts: textParts(text) }] });
  if (parsed.kind === "json") {
    const body = bodyOf(parsed, span);
    for (const { format, prompt } of readersOf(span)) {
      const read = prompt(body);
      if (read) return { format, prompt: span.family === "embed" ? embedded(read) : read };
    }
  }
  // What the request did not say may stand message by message in attributes beside it.
  for (const [prefix, { format, prompt }] of indexedInputs) {
    const read = prompt({ messages: treeOf(attributes, prefix) });
    if (read) return { format, prompt: read };
  }
  if (parsed.kind === "text") {
    return span.family === "embed"
      ? { format: "text", prompt: { inputs: textParts(parsed.text) } }
      : { format: "text", prompt: messages(parsed.text) };
  }
  return { format: null, prompt: unreadPrompt(parsed), ...reasonOf(parsed) };
}

/** A list is of messages, or of what was embedded. */
function bodyOf({ value, bodies, list }: Extract<ParsedText, { kind: "json" }>, { family }: RenderedSpan): JsonObject {
  if (!list) return bodies[0] ?? {};
  return family === "embed" && bodies.length === 0 ? { input: value } : { messages: bodies };
}

/** Some instrumentations write what was embedded as messages of a user. */
function embedded(prompt: Prompt): Prompt {
  return { inputs: [...(prompt.inputs ?? []), ...(prompt.input ?? []).flatMap(({ parts }) => parts)] };
}

interface ResponseRead {
  readonly format: MessageFormat | null;
  readonly answer: Answer;
  readonly reason?: UnreadReason;
}

function readResponse(span: RenderedSpan, attributes: ReadonlyMap<string, unknown>): ResponseRead {
  const parsed = parseText(span.response);
  if (parsed.kind === "json") {
    for (const { format, answer } of readersOf(span)) {
      const read = answer(parsed.bodies);
      if (read) return { format, answer: read };
    }
    // The answer of an embedding is vectors, which are no message.
    if (span.family === "embed") return { format: "embeddings", answer: {} };
  }
  for (const [prefix, { format, answer }] of indexedOutputs) {
    const read = answer(objectsOf(treeOf(attributes, prefix)));
    if (read) return { format, answer: read };
  }
  const called = vercelCalls(attributes);
  if (parsed.kind === "text" || called.length > 0) {
    const text = parsed.kind === "text" ? parsed.text : undefined;
    const output: Message[] = [{ role: "assistant", parts: [...textParts(text), ...called] }];
    return { format: called.length > 0 ? "vercel" : "text", answer: { output } };
  }
  return { format: null, answer: unreadAnswer(parsed), ...reasonOf(parsed) };
}

function readersOf({ family }: RenderedSpan): readonly MessageReader[] {
  return [...(readersByFamily[family] ?? []), ...readers];
}

const indexedInputs = [
  ["llm.input_messages.", openinference],
  ["gen_ai.prompt.", semconv],
] as const;

const indexedOutputs = [
  ["llm.output_messages.", openinference],
  ["gen_ai.completion.", semconv],
] as const;

function unreadPrompt(parsed: ParsedText): Prompt {
  return parsed.kind === "json" ? { input: [{ role: "user", parts: [otherPart(parsed.value)] }] } : {};
}

function unreadAnswer(parsed: ParsedText): Answer {
  return parsed.kind === "json" ? { output: [{ role: "assistant", parts: [otherPart(parsed.value)] }] } : {};
}

function reasonOf(parsed: ParsedText): { readonly reason?: UnreadReason } {
  if (parsed.kind === "json") return { reason: "unknown_format" };
  return parsed.kind === "broken" ? { reason: "not_json" } : {};
}

/** Vercel says the answer in attributes: the text is the response, its tool calls stand beside it. */
function vercelCalls(attributes: ReadonlyMap<string, unknown>) {
  const calls = objectsOf(unwrapped(attributes.get("ai.response.toolCalls")));
  return calls.map((call) => toolCall(call.toolCallId, call.toolName, call.input ?? call.args));
}

function offeredIn(attributes: ReadonlyMap<string, unknown>): Rendering["tools"] {
  for (const key of ["gen_ai.tool.definitions", "ai.prompt.tools"]) {
    const tools = unwrapped(attributes.get(key));
    const list = Array.isArray(tools) ? tools.map((tool: unknown) => unwrapped(tool)) : [];
    if (list.length > 0) return toolDefinitions(list);
  }
  const functions = toolDefinitions(treeOf(attributes, "llm.request.functions."));
  if (functions.length > 0) return functions;
  const schemas = objectsOf(treeOf(attributes, "llm.tools.")).map(({ tool }) =>
    parseSchema(objectOf(tool)?.json_schema),
  );
  return toolDefinitions(schemas);
}

function parseSchema(schema: unknown): unknown {
  return typeof schema === "string" ? parseJson(schema) : schema;
}

function embeddedIn(attributes: ReadonlyMap<string, unknown>): Rendering["inputs"] {
  return objectsOf(treeOf(attributes, "embedding.embeddings.")).flatMap(({ embedding }) =>
    textParts(objectOf(embedding)?.text),
  );
}

/** A reranker's answer names documents by their place in the request. */
function ranked(prompt: Prompt, { documents }: Answer): Rendering["documents"] {
  const given = prompt.documents ?? [];
  if (documents === undefined) return [...given];
  return documents.map((document) => {
    const { index, ...metadata } = document.metadata;
    const source = given[Number(index)];
    return {
      ...source,
      ...document,
      content: document.content ?? source?.content ?? null,
      metadata: { ...source?.metadata, ...metadata },
    };
  });
}

function refusalIn(output: readonly Message[]): string | null {
  const refusals = output.flatMap(({ parts }) => parts.filter((part) => part.type === "refusal"));
  return refusals[0]?.content ?? null;
}

function reasoningIn(message: Message | undefined): string | null {
  const texts = message?.parts.filter((part) => part.type === "reasoning").map(({ content }) => content) ?? [];
  return texts.length === 0 ? null : texts.join("\n");
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** A tool's span: the call that it answers, and its result. */
function renderTool(span: RenderedSpan): Rendering {
  const call = toolCall(span.tool_call_id, span.tool_name, span.tool_arguments);
  const response = toolResponse(span.tool_call_id, span.tool_result, span.tool_name);
  return {
    system: [],
    input: span.tool_arguments === null ? [] : [{ role: "assistant", parts: [call] }],
    output: span.tool_result === null ? [] : [{ role: "tool", parts: [response] }],
    ...{ tools: [], refusal: null, reasoning: null, query: null, documents: [], inputs: [] },
    sources: { input: null, output: null },
    unread: [],
  };
}
