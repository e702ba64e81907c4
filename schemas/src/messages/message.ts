import { z } from "zod";

/**
 * Messages as the GenAI semantic conventions write them, whatever format a span carried: `gen_ai.input.messages`,
 * `gen_ai.output.messages`, `gen_ai.system_instructions`, `gen_ai.tool.definitions`. Names are those of the wire.
 * https://github.com/open-telemetry/semantic-conventions-genai (gen-ai-input-messages.json, gen-ai-output-messages.json)
 */

/** What kind of medium, where the format says: `image`, `audio`, `video`, `document`, …; names are open. */
const medium = {
  modality: z.string().optional(),
  mime_type: z.string().optional(),
};

const textPart = z.object({ type: z.literal("text"), content: z.string() });
const reasoningPart = z.object({ type: z.literal("reasoning"), content: z.string() });
/** Not of the conventions, which have no part for it: the words of a refusal that the provider marked as one. */
const refusalPart = z.object({ type: z.literal("refusal"), content: z.string() });
const toolCallPart = z.object({
  type: z.literal("tool_call"),
  id: z.string().nullable().describe("null: the format gives none"),
  name: z.string(),
  arguments: z.unknown().describe("JSON where it is JSON; else the text, such as that of a stream that was cut"),
});
const toolCallResponsePart = z.object({
  type: z.literal("tool_call_response"),
  id: z.string().nullable(),
  name: z.string().optional().describe("where the format names the tool instead of the call"),
  response: z.unknown(),
});
const blobPart = z.object({ type: z.literal("blob"), ...medium, content: z.string().describe("base64") });
const uriPart = z.object({
  type: z.literal("uri"),
  ...medium,
  uri: z.string().describe("`spanhouse:media:SHA256` where the SDK took the medium out"),
});
const filePart = z.object({ type: z.literal("file"), ...medium, file_id: z.string() });
/** A part that has no name here, as it was. */
const otherPart = z.object({ type: z.literal("other"), value: z.unknown() });

export const partSchema = z
  .discriminatedUnion("type", [
    ...([textPart, reasoningPart, refusalPart, toolCallPart, toolCallResponsePart] as const),
    ...([blobPart, uriPart, filePart, otherPart] as const),
  ])
  .meta({ id: "MessagePart" });
export type Part = z.infer<typeof partSchema>;

export const messageSchema = z
  .object({
    role: z.string().describe("system, user, assistant, tool; names are open"),
    name: z.string().optional(),
    parts: z.array(partSchema),
    finish_reason: z.string().optional().describe("of an answer, as the provider spells it"),
  })
  .meta({ id: "Message" });
export type Message = z.infer<typeof messageSchema>;

/** A tool that the model was offered. */
export const toolDefinitionSchema = z.object({
  type: z.string().describe("function, or a tool of the provider's own"),
  name: z.string(),
  description: z.string().optional(),
  parameters: z.unknown().optional().describe("JSON Schema, as it was"),
});
export type ToolDefinition = z.infer<typeof toolDefinitionSchema>;

/** What a retrieval found or a reranker ordered, best first as the span says. */
export const documentSchema = z
  .object({
    id: z.string().nullable(),
    score: z.number().nullable(),
    content: z.string().nullable(),
    source: z.string().nullable().describe("where it is from: a file, an address, an index"),
    metadata: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "RetrievedDocument" });
export type RetrievedDocument = z.infer<typeof documentSchema>;

/** The formats that are read, by the name under which the rendering says where it is from. */
export const messageFormats = [
  ...(["openai_chat", "openai_completions", "openai_responses", "anthropic_messages", "gemini", "bedrock"] as const),
  ...(["cohere", "semconv", "openinference", "vercel", "langchain", "genkit", "embeddings"] as const),
  ...(["rerank", "documents", "text"] as const),
] as const;
export type MessageFormat = (typeof messageFormats)[number];

/**
 * Why a text of the span, or a part of it, is not among the messages. `truncated`: its end is missing; what came before
 * may be there. `not_json`: it begins as JSON or as a stream and is neither. `unknown_format`: JSON of no format known.
 */
export const unreadReasons = ["truncated", "not_json", "unknown_format"] as const;
export type UnreadReason = (typeof unreadReasons)[number];

export const renderingSchema = z.object({
  system: z.array(partSchema).describe("instructions that were given apart; those in the history stand in `input`"),
  input: z.array(messageSchema).describe("the history that the model was sent"),
  output: z.array(messageSchema).describe("its answers, one a choice; of a stream, put together"),
  tools: z.array(toolDefinitionSchema).describe("offered to the model"),
  refusal: z.string().nullable().describe("the provider's own words of a refusal; empty where it gave none"),
  reasoning: z.string().nullable().describe("of the first answer"),
  query: z.string().nullable().describe("of a retrieval or rerank"),
  documents: z.array(documentSchema),
  inputs: z.array(partSchema).describe("of an embedding: each text or medium that was embedded"),
  sources: z.object({
    input: z.enum(messageFormats).nullable().describe("the format that the input was read from; null: none"),
    output: z.enum(messageFormats).nullable(),
  }),
  unread: z.array(z.object({ text: z.enum(["request", "response", "documents"]), reason: z.enum(unreadReasons) })),
});
export type Rendering = z.infer<typeof renderingSchema>;
