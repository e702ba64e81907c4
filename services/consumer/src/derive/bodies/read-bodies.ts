import { type JsonObject, objectOf, parseJson, wordOf } from "@spanhouse/schemas/json-value";
import { readServerSentEvents } from "@spanhouse/schemas/server-sent-events";
import { type Slice, sliceLength, textOf } from "@spanhouse/schemas/slice";
import { isAnthropicMessage, readAnthropicMessage } from "./anthropic-messages.ts";
import type { BodyReading } from "./body-reading.ts";
import { isErrorBody, readErrorBody } from "./error-body.ts";
import { isOpenaiChat, readOpenaiChat } from "./openai-chat.ts";
import { isOpenaiResponse, readOpenaiResponse } from "./openai-responses.ts";

export interface BodyOutcome {
  readonly reading: BodyReading;
  /** It is neither JSON nor the events of a stream, or was cut. */
  readonly unreadable: boolean;
}

const nothing: BodyReading = {};

/** Which body is whose: the first that recognises it reads it. */
const formats: readonly {
  readonly recognises: (body: JsonObject) => boolean;
  readonly read: (bodies: readonly JsonObject[]) => BodyReading;
}[] = [
  { recognises: isAnthropicMessage, read: readAnthropicMessage },
  { recognises: isOpenaiResponse, read: readOpenaiResponse },
  { recognises: isOpenaiChat, read: readOpenaiChat },
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
  return { reading: readParsed([objectOf(body) ?? {}]), unreadable: body === undefined };
}

/** A provider's request: all three formats name the model alike. */
export function readRequestBody(slice: Slice): BodyOutcome {
  const body = parseJson(textOf(slice));
  return { reading: { requestModel: wordOf(objectOf(body)?.model) }, unreadable: body === undefined };
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
