import { type Slice, sliceLength } from "@spanhouse/schemas/slice";
import { clip } from "./short-text.ts";

/** Of a request's results the last so many: new ones stand at its end, and older ones were returned before. */
const resultLimit = 32;

/** No id is longer: a longer text is none. */
const idBytesLimit = 200;

/** Bytes that end one of several names. The end is what is searched for: it begins with a byte that prose seldom has. */
interface Marker {
  readonly end: Buffer;
  readonly before: readonly Buffer[];
}

function marker(end: string, ...before: readonly string[]): Marker {
  return { end: Buffer.from(`${end}"`), before: before.map((name) => Buffer.from(name)) };
}

/**
 * Keys whose value is the id of a call that has its result in the request: `tool_call_id` (OpenAI's chat, Mistral, Cohere,
 * OpenInference, LangChain), `call_id` (OpenAI's responses), `tool_use_id` (Anthropic), `toolUseId` (Bedrock),
 * `toolCallId` (Vercel). Some stand at the call too; a history with a call and no result of it is one that no provider
 * takes.
 */
const idKeys = [marker("_id", "call", "tool_use"), marker("Id", "toolUse", "toolCall")];

/** Objects that are a result and say of which call by `id` (Genkit's `ref`), Gemini's perhaps only by the tool's `name`. */
const results = [marker("_response", '"tool_call', '"function'), marker("Response", '"function', '"tool')];

/**
 * The calls whose results a request brings back to the model, by id (or the tool's name where there is none). Found by
 * the bytes of their keys, as to parse the whole history of every call would be the dearest step of the derivation.
 */
export function returnedToolCalls(request: Slice): readonly string[] {
  if (sliceLength(request) === 0) return [];
  const bytes = Buffer.from(request.bytes.buffer, request.bytes.byteOffset + request.start, sliceLength(request));
  const ids: string[] = [];
  for (const key of idKeys) {
    for (let at = bytes.indexOf(key.end); at >= 0; at = bytes.indexOf(key.end, at + key.end.length)) {
      if (nameBefore(bytes, at, key)) add(ids, stringAfter(bytes, at + key.end.length));
    }
  }
  for (const result of results) {
    for (let at = bytes.indexOf(result.end); at >= 0; at = bytes.indexOf(result.end, at + result.end.length)) {
      const name = nameBefore(bytes, at, result);
      if (name) add(ids, idNear(bytes, at - name.length, at + result.end.length));
    }
  }
  return lastDistinct(ids);
}

function add(ids: string[], id: string | undefined): void {
  if (id !== undefined) ids.push(clip(id));
}

/** Of an id that stands several times the latest place counts: only the last ones are kept. */
function lastDistinct(ids: readonly string[]): readonly string[] {
  if (ids.length === 0) return ids;
  return [...new Set(ids.toReversed())].slice(0, resultLimit).toReversed();
}

/** Which of the marker's names ends where its end begins. */
function nameBefore(bytes: Buffer, at: number, { before }: Marker): Buffer | undefined {
  for (const name of before) if (endsAt(bytes, at, name)) return name;
  return undefined;
}

function endsAt(bytes: Buffer, at: number, name: Buffer): boolean {
  const start = at - name.length;
  if (start < 0) return false;
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
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

const idKey = Buffer.from('"id"');
const refKey = Buffer.from('"ref"');
const nameKey = Buffer.from('"name"');

/** The `id` or `ref` beside a marker, before any object that is nested in it; else its `name`. */
function idNear(bytes: Buffer, start: number, end: number): string | undefined {
  const open = bytes.lastIndexOf(openBrace, start);
  // A marker that is a key has its object after it; one that is a type stands in the object.
  const after = skipSpace(bytes, end);
  const isKey = bytes[after] === colon;
  const from = isKey ? skipSpace(bytes, after + 1) + 1 : open + 1;
  const within = bytes.subarray(from, endOf(bytes, isKey ? from : end));
  for (const name of [idKey, refKey, nameKey]) {
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
