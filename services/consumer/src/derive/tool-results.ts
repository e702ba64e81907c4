import { type Slice, sliceLength } from "@spanhouse/schemas/slice";
import { clip } from "./short-text.ts";

/** Of a request's results the last so many: new ones stand at its end, and older ones were returned before. */
const resultLimit = 32;

/** No id is longer: a longer text is none. */
const idBytesLimit = 200;

const key = (name: string) => Buffer.from(`${name}"`);

/**
 * Keys whose value is the id of a call that has its result in the request: `tool_call_id` (OpenAI's chat, Mistral, Cohere,
 * OpenInference, LangChain), `call_id` (OpenAI's responses), `tool_use_id` (Anthropic), `toolUseId` (Bedrock),
 * `toolCallId` (Vercel). Some stand at the call too; a history with a call and no result of it is one that no provider
 * takes.
 */
const idKeys = [key("call_id"), key("tool_use_id"), key("toolUseId"), key("toolCallId")];

/** Objects that are a result and say of which call by `id`, Gemini's perhaps only by the tool's `name`. */
const results = [key('"tool_call_response'), key("functionResponse"), key("function_response")];

/**
 * The calls whose results a request brings back to the model, by id (or the tool's name where there is none). Found by
 * the bytes of their keys, as parsing the whole history of every call would be the dearest step of the derivation.
 */
export function returnedToolCalls(request: Slice): readonly string[] {
  if (sliceLength(request) === 0) return [];
  const bytes = Buffer.from(request.bytes.buffer, request.bytes.byteOffset + request.start, sliceLength(request));
  const ids = new Set<string>();
  for (const idKey of idKeys) {
    for (const at of occurrences(bytes, idKey)) add(ids, stringAfter(bytes, at + idKey.length));
  }
  for (const marker of results) {
    for (const at of occurrences(bytes, marker)) add(ids, idNear(bytes, at, at + marker.length));
  }
  return [...ids].slice(-resultLimit);
}

function add(ids: Set<string>, id: string | undefined): void {
  if (id === undefined) return;
  // The latest place counts: only the last ones are kept.
  ids.delete(id);
  ids.add(clip(id));
}

function* occurrences(bytes: Buffer, needle: Buffer): Iterable<number> {
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + needle.length)) yield at;
}

const quote = 0x22;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** The string that is the value of a key which ends at `at`. */
function stringAfter(bytes: Buffer, at: number): string | undefined {
  const from = skipSpace(bytes, at);
  if (bytes[from] !== colon) return undefined;
  const start = skipSpace(bytes, from + 1);
  if (bytes[start] !== quote) return undefined;
  const end = bytes.indexOf(quote, start + 1);
  const length = end - start - 1;
  return length > 0 && length <= idBytesLimit ? bytes.toString("utf8", start + 1, end) : undefined;
}

function skipSpace(bytes: Buffer, at: number): number {
  let i = at;
  while (bytes[i] === 0x20 || bytes[i] === 0x0a || bytes[i] === 0x0d || bytes[i] === 0x09) i++;
  return i;
}

const idKey = key('"id');
const nameKey = key('"name');

/** The `id` beside a marker, before any object that is nested in it; else its `name`. */
function idNear(bytes: Buffer, marker: number, end: number): string | undefined {
  const open = bytes.lastIndexOf(openBrace, marker);
  // A marker that is a key has its object after it; one that is a type stands in the object.
  const after = skipSpace(bytes, end);
  const isKey = bytes[after] === colon;
  const from = isKey ? skipSpace(bytes, after + 1) + 1 : open + 1;
  const within = bytes.subarray(from, endOf(bytes, isKey ? from : end));
  for (const name of [idKey, nameKey]) {
    const at = within.indexOf(name);
    const id = at < 0 ? undefined : stringAfter(within, at + name.length);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** Where the object's own plain fields end, at the latest. */
function endOf(bytes: Buffer, from: number): number {
  const nested = bytes.indexOf(openBrace, from);
  const closed = bytes.indexOf(closeBrace, from);
  const ends = [nested, closed, from + 4 * idBytesLimit].filter((end) => end >= 0);
  return Math.min(bytes.length, ...ends);
}
