import { type JsonObject, objectOf, parseJson } from "./json-value.ts";

export interface JsonStream {
  readonly objects: readonly JsonObject[];
  /** Some whole object was none of JSON. A last one that was cut off with the stream does not count. */
  readonly unreadable: boolean;
}

/**
 * The objects of a stream that is no text/event-stream: one a line (NDJSON), one after another, or the elements of an
 * array that grows while it is sent and may be cut (Gemini without `alt=sse`).
 */
export function readJsonStream(text: string): JsonStream {
  const objects: JsonObject[] = [];
  let unreadable = false;
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case quote:
        i = endOfString(text, i);
        break;
      case openBrace:
        if (depth++ === 0) start = i;
        break;
      case closeBrace: {
        if (depth === 0 || --depth > 0) break;
        const object = objectOf(parseJson(text.slice(start, i + 1)));
        if (object) objects.push(object);
        else unreadable = true;
      }
    }
  }
  return { objects, unreadable };
}

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** The index of the quote that ends the string which begins at `start`; the text's end where it was cut. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === backslash) i++;
    else if (code === quote) return i;
  }
  return text.length;
}
