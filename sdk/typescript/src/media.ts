import { builtin } from "./runtime.ts";
import type { WireText } from "./wire-text.ts";

/** Base64 text from this length on is taken out of a body. */
const leastCharacters = 4096;
const longestPadding = 2;
/** Of the text that was taken out so much stays, to recognise it by. */
const headCharacters = 256;

export interface Medium {
  /** Of the decoded bytes, hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly media_type: string | undefined;
  /** The beginning of the base64 text. */
  readonly head: string;
}

/**
 * Takes base64 media out of a JSON body: in place of a text of 4,096 base64 characters or more stands
 * `spanhouse:media:SHA256`. So long a run covers a multiple of 4,096, so only there is looked: free for bodies without.
 */
export const takeMediaOut = (body: string): { readonly body: string; readonly media: readonly Medium[] } => {
  const media: Medium[] = [];
  let rest = "";
  let from = 0;
  for (let probe = leastCharacters; probe < body.length; probe += leastCharacters) {
    if (probe < from) continue;
    const run = longRunAt(body, probe, from);
    if (run === undefined) continue;
    const { start } = run;
    let { end } = run;
    while (body[end] === "=") end++;
    if (end - start < leastCharacters || !/[",]/.test(body[start - 1] ?? "") || body[end] !== '"') continue;
    const medium = mediumOf(body.slice(start, end), body.slice(Math.max(from, start - 200), start));
    if (medium === undefined) break;
    media.push(medium);
    rest += `${body.slice(from, start)}spanhouse:media:${medium.sha256}`;
    from = end;
  }
  return media.length === 0 ? { body, media } : { body: rest + body.slice(from), media };
};

/** Whether there may be media in a body. Says so of none without, as good as free. */
export const mayHoldMedia = (body: WireText): boolean => {
  for (let probe = leastCharacters; probe < body.length; probe += leastCharacters) {
    if (longRunAt(body, probe, 0) !== undefined) return true;
  }
  return false;
};

/** The run of base64 characters around a place, where it is about long enough: padding may be missing at its end. */
const longRunAt = (
  body: WireText,
  probe: number,
  from: number,
): { readonly start: number; readonly end: number } | undefined => {
  let start = probe + 1;
  while (start > from && isBase64(unitAt(body, start - 1))) start--;
  let end = probe;
  while (end < body.length && isBase64(unitAt(body, end))) end++;
  return end - start < leastCharacters - longestPadding ? undefined : { start, end };
};

const unitAt = (body: WireText, at: number): number => (typeof body === "string" ? body.charCodeAt(at) : body[at]!);

const mediumOf = (text: string, before: string): Medium | undefined => {
  const bytes = builtin("node:buffer")?.Buffer.from(text, "base64");
  const hash = bytes && sha256(bytes);
  if (bytes === undefined || hash === undefined) return undefined;
  const mediaType =
    /data:([\w.+-]+\/[\w.+-]+)[^"]*$/.exec(before) ?? /"(?:media_type|mime_?[tT]ype)":\s*"([^"]+)"/.exec(before);
  return { sha256: hash, bytes: bytes.length, media_type: mediaType?.[1], head: text.slice(0, headCharacters) };
};

/** Hex; undefined where the runtime has no synchronous one. */
export const sha256 = (data: string | Uint8Array): string | undefined =>
  builtin("node:crypto")?.createHash("sha256").update(data).digest("hex");

const isBase64 = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 43 ||
  code === 47 ||
  code === 45 ||
  code === 95;
