import { readJsonStream } from "../json-stream.ts";
import { type JsonObject, objectOf, objectsOf, parseJson } from "../json-value.ts";
import { readServerSentEvents } from "../server-sent-events.ts";

/** A text of a span, as its beginning says what it is. */
export type ParsedText =
  | { readonly kind: "none" }
  | { readonly kind: "text"; readonly text: string }
  /** `list`: it is a JSON array, whose objects are `bodies`; else they are one body, or the events of a stream. */
  | { readonly kind: "json"; readonly value: unknown; readonly bodies: readonly JsonObject[]; readonly list: boolean }
  /** It begins as JSON and is none. */
  | { readonly kind: "broken" };

const streamStart = /^\s*(?:data|event|id|retry)?:/;

export function parseText(text: string | null): ParsedText {
  if (text === null || text.trim() === "") return { kind: "none" };
  if (streamStart.test(text)) {
    const { events } = readServerSentEvents(text);
    return events.length > 0 ? { kind: "json", value: events, bodies: events, list: false } : { kind: "text", text };
  }
  if (!/^\s*[[{"]/.test(text)) return { kind: "text", text };
  const value = parseJson(text);
  // JSON in a string, as some instrumentations write an attribute; any other string is a text that was written as JSON.
  if (typeof value === "string") return /^\s*[[{]/.test(value) ? parseText(value) : { kind: "text", text: value };
  if (Array.isArray(value)) {
    const entries = value.map((entry: unknown) => (typeof entry === "string" ? (parseJson(entry) ?? entry) : entry));
    return { kind: "json", value, bodies: objectsOf(entries), list: true };
  }
  const body = objectOf(value);
  // A call that failed may have `{"output": null}`.
  if (body && Object.values(body).every((field) => field === null)) return { kind: "none" };
  if (body) return { kind: "json", value, bodies: [body], list: false };
  return parseStream(text);
}

/** Objects one after another, or an array that was cut. One object that was cut has nothing whole in it. */
function parseStream(text: string): ParsedText {
  const { objects } = readJsonStream(text.replace(/^\s*\[/, ""));
  if (objects.length > 0) return { kind: "json", value: objects, bodies: objects, list: /^\s*\[/.test(text) };
  return /^\s*"/.test(text) ? { kind: "text", text } : { kind: "broken" };
}
