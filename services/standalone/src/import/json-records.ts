import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { type JsonObject, objectOf, objectsOf, parseJson } from "@spanhouse/schemas/json-value";

/** The longest record that is read, characters: what is longer is no record but a file of another kind. */
const maxRecord = 256 * 1024 * 1024;

export interface RecordFile {
  readonly path: string;
  /** As it lies there. */
  readonly bytes: number;
}

/** Throws CONFIG where there is no such file. */
export async function recordFile(path: string): Promise<RecordFile> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return { path, bytes: found.size };
  throw new SpanhouseError("CONFIG", `${path}: expected a file`);
}

/**
 * The JSON objects of a file, as they come: one a line, one after another, or the elements of an array; gzip too. A page of
 * an API (an object with one of the lists `data`, `runs`, `spans`, `traces` or `observations` and without an id) is the
 * objects of its list. What is no JSON is told and passed over.
 */
export async function* jsonRecords(
  { path }: RecordFile,
  { onBytes, onUnreadable }: { readonly onBytes: (n: number) => void; readonly onUnreadable: (what: string) => void },
): AsyncGenerator<JsonObject> {
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  file.on("data", (chunk) => onBytes(chunk.length));
  const bytes = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  if (bytes !== file) file.once("error", (error) => bytes.destroy(error));
  const decoder = new TextDecoder();
  const cutter = objectCutter();
  for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
    for (const text of cutter.cut(decoder.decode(chunk, { stream: true }))) {
      const record = objectOf(parseJson(text));
      if (record) yield* pageOf(record);
      else onUnreadable(`${path}: not JSON: ${text.slice(0, 60)}`);
    }
    if (cutter.pending() > maxRecord) {
      throw new SpanhouseError("CONFIG", `${path}: expected JSON records of at most ${maxRecord} characters`);
    }
  }
  if (cutter.pending() > 0) onUnreadable(`${path}: ends within a record`);
}

const lists = ["data", "runs", "spans", "traces", "observations"] as const;

function pageOf(record: JsonObject): readonly JsonObject[] {
  if ("id" in record) return [record];
  const list = lists.find((name) => Array.isArray(record[name]));
  return list === undefined ? [record] : objectsOf(record[list]);
}

/** Cuts a text that comes in pieces into its outermost objects; commas, brackets and breaks between them do not matter. */
function objectCutter() {
  /** Pieces of the object that is not whole yet. */
  let pieces: string[] = [];
  let length = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  return {
    pending: () => length,
    *cut(text: string): Generator<string> {
      let start = depth > 0 ? 0 : -1;
      for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i);
        if (escaped) escaped = false;
        else if (inString) {
          if (code === 0x5c) escaped = true;
          else if (code === 0x22) inString = false;
        } else if (code === 0x22) inString = depth > 0;
        else if (code === 0x7b) {
          if (depth++ === 0) start = i;
        } else if (code === 0x7d && depth > 0 && --depth === 0) {
          yield pieces.join("") + text.slice(start, i + 1);
          pieces = [];
          length = 0;
          start = -1;
        }
      }
      if (start < 0) return;
      pieces.push(text.slice(start));
      length += text.length - start;
    },
  };
}
