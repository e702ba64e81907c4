import { parseJson } from "@spanhouse/schemas/json-value";
import { readServerSentEvents } from "@spanhouse/schemas/server-sent-events";
import { type Slice, sliceLength, textOf } from "@spanhouse/schemas/slice";

/** Larger bodies hold media, and are dear to parse. */
const bodyLimit = 2_000_000;

/** Fields that say something about the text, or are media: no model reads or writes them as tokens of text. */
const notText: ReadonlySet<string> = new Set([
  ...["id", "object", "model", "type", "role", "finish_reason", "stop_reason", "status", "index", "created", "usage"],
  ...["call_id", "tool_call_id", "tool_use_id", "item_id", "response_id", "request_id", "user", "metadata"],
  ...["system_fingerprint", "service_tier", "logprobs", "obfuscation", "encrypted_content", "signature"],
  ...[
    "url",
    "image_url",
    "file_url",
    "data",
    "b64_json",
    "file_data",
    "file_id",
    "media_type",
    "mime_type",
    "mimeType",
  ],
]);

/**
 * The words of a body as one text: of a request what the model was given, of a response (JSON or the events of a
 * stream) what it wrote. Empty where there are none that can be read.
 */
export function bodyText(slice: Slice): string {
  if (sliceLength(slice) === 0 || sliceLength(slice) > bodyLimit) return "";
  const text = textOf(slice);
  const start = text.trimStart();
  if (start === "") return "";
  const pieces: string[] = [];
  if (start.startsWith("{") || start.startsWith("[")) collect(parseJson(text), pieces);
  else {
    const { events } = readServerSentEvents(text);
    for (const event of events) if (isDelta(event.type)) collect(event, pieces);
  }
  return pieces.join("");
}

/** OpenAI's response events tell every text again when it is done, and once more with the whole. */
function isDelta(type: unknown): boolean {
  return typeof type !== "string" || !type.startsWith("response.") || type.endsWith(".delta");
}

/** Without recursion: how deep a body is, is its sender's choice. */
function collect(value: unknown, pieces: string[]): void {
  const rest: unknown[] = [value];
  while (rest.length > 0) {
    const next = rest.pop();
    if (typeof next === "string") pieces.push(next);
    else if (Array.isArray(next)) for (let i = next.length - 1; i >= 0; i--) rest.push(next[i]);
    else if (typeof next === "object" && next !== null) {
      const entries = Object.entries(next);
      for (let i = entries.length - 1; i >= 0; i--) if (!notText.has(entries[i]![0])) rest.push(entries[i]![1]);
    }
  }
}
