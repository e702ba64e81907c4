import { type JsonObject, objectOf, parseJson } from "./json-value.ts";

export interface ServerSentEvents {
  readonly events: readonly JsonObject[];
  /** Some whole event was not a JSON object. A last line that was cut off with the stream does not count. */
  readonly unreadable: boolean;
}

/** The JSON objects in the `data` of a text/event-stream, as it crossed the wire; `[DONE]` and comments are skipped. */
export function readServerSentEvents(text: string): ServerSentEvents {
  const events: JsonObject[] = [];
  let unreadable = false;
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    if (text.startsWith("data:", start)) {
      const data = text.slice(start + "data:".length, end).trim();
      if (data !== "" && data !== "[DONE]") {
        const event = objectOf(parseJson(data));
        if (event) events.push(event);
        else if (newline >= 0) unreadable = true;
      }
    }
    start = end + 1;
  }
  return { events, unreadable };
}
