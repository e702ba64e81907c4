import { readJsonStream } from "@spanhouse/schemas/json-stream";
import { type JsonObject, objectOf, objectsOf, parseJson, wordOf } from "@spanhouse/schemas/json-value";
import { readServerSentEvents } from "@spanhouse/schemas/server-sent-events";
import { type Slice, sliceLength, textOf } from "@spanhouse/schemas/slice";
import { isAnthropicMessage, readAnthropicMessage } from "./anthropic-messages.ts";
import { bedrockConverse } from "./bedrock-converse.ts";
import { bedrockInvoke } from "./bedrock-invoke.ts";
import type { BodyFormat, BodyReading } from "./body-reading.ts";
import { cohere } from "./cohere.ts";
import { isErrorBody, readErrorBody } from "./error-body.ts";
import { geminiContent } from "./gemini-content.ts";
import { langchainResult } from "./langchain-result.ts";
import { ollama } from "./ollama.ts";
import { isOpenaiChat, readOpenaiChat } from "./openai-chat.ts";
import { openaiLists } from "./openai-lists.ts";
import { openaiMedia } from "./openai-media.ts";
import { isOpenaiResponse, readOpenaiResponse } from "./openai-responses.ts";

export interface BodyOutcome {
  readonly reading: BodyReading;
  /** It is neither JSON nor the events of a stream, or was cut. */
  readonly unreadable: boolean;
}

const nothing: BodyReading = {};

/** Which body is whose: the first that recognises it reads it. */
const formats: readonly BodyFormat[] = [
  { recognises: isAnthropicMessage, read: readAnthropicMessage },
  { recognises: isOpenaiResponse, read: readOpenaiResponse },
  { recognises: isOpenaiChat, read: readOpenaiChat },
  geminiContent,
  bedrockConverse,
  bedrockInvoke,
  cohere,
  openaiLists,
  openaiMedia,
  ollama,
  langchainResult,
];

/**
 * A provider's response: one JSON body, or the raw text of its stream. Costs a JSON.parse of the whole, so it is asked
 * for only where the attributes leave something open. JSON of no known format reads as nothing.
 */
export function readResponseBody(slice: Slice): BodyOutcome {
  const text = textOf(slice);
  if (!startsJson(slice)) {
    const { events, unreadable } = readServerSentEvents(text);
    return { reading: readParsed(events), unreadable: unreadable || (events.length === 0 && text.trim() !== "") };
  }
  const body = parseJson(text);
  if (body !== undefined)
    return { reading: readParsed(Array.isArray(body) ? objectsOf(body) : [objectOf(body) ?? {}]), unreadable: false };
  // Objects one after another, or an array that was cut: whole objects before the cut count.
  const { objects, unreadable } = readJsonStream(text.replace(/^\s*\[/, ""));
  return { reading: readParsed(objects), unreadable: unreadable || objects.length === 0 };
}

/** A provider's response that stands inside something else, parsed already. */
export function readResponseObject(body: JsonObject): BodyReading {
  return readParsed([body]);
}

/** A provider's request: nearly all formats name the model alike. */
export function readRequestBody(slice: Slice): BodyOutcome {
  const body = parseJson(textOf(slice));
  return { reading: { requestModel: modelOf(objectOf(body)) }, unreadable: body === undefined };
}

function readParsed(bodies: readonly JsonObject[]): BodyReading {
  const failure = bodies.find(isFailure);
  const format = formats.find(({ recognises }) => bodies.some(recognises));
  const reading = format ? format.read(bodies) : nothing;
  return failure ? { ...reading, ...readErrorBody(failure) } : reading;
}

/** An OpenAI response has `error: null`, and where it failed says so itself. */
function isFailure(body: JsonObject): boolean {
  return isErrorBody(body) && !isOpenaiResponse(body);
}

const brace = 0x7b;
const bracket = 0x5b;

function startsJson({ bytes, start, end }: Slice): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte > 0x20) return byte === brace || byte === bracket;
  }
  return sliceLength({ bytes, start, end }) === 0;
}

/** Bedrock has the model in the address, and SDKs that keep it beside the body call it so. */
function modelOf(body: JsonObject | undefined): string | undefined {
  return wordOf(body?.model) ?? wordOf(body?.modelId);
}
