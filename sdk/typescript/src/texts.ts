import { type Medium, mayHoldMedia, sha256, takeMediaOut } from "./media.ts";
import type { Span } from "./span.ts";
import { isCleanUtf8, textOf, type WireText } from "./wire-text.ts";

/**
 * Puts a text of a tool, a retrieval or a span on it: as `content`, `samplePayloads` and `redact` allow, cut where it is
 * longer than `maxPayloadBytes`.
 */
export const putText = (span: Span, name: string, text: string | undefined): void => {
  const { settings } = span.tracer;
  if (text === undefined || settings.content !== "full" || !span.tracer.samplesTexts(span.traceId)) return;
  const told = redacted(span, text);
  if (told !== undefined) span.set(name, cut(told, settings.maxPayloadBytes));
};

/** Puts the two bodies of a call on its span, with what SPANS.md says stands beside them. */
export const putBodies = (span: Span, request: WireText | undefined, response: WireText | undefined): void => {
  const { settings } = span.tracer;
  if (settings.content === "none" || !span.tracer.samplesTexts(span.traceId)) return;
  const state: BodyState = { media: [], changed: false };
  putBody(span, "spanhouse.request", request, state);
  putBody(span, "spanhouse.response", response, state);
  if (state.changed) span.set("spanhouse.redacted", true);
  if (state.media.length > 0) span.set("spanhouse.media", JSON.stringify(state.media));
};

/** A request's body as `putBodies` would put it, cut aside. */
export const toldBody = (span: Span, body: string): string => redacted(span, takeMediaOut(body).body) ?? "";

/** The same of a text that `putText` puts. */
export const toldText = (span: Span, text: string): string => redacted(span, text) ?? "";

interface BodyState {
  readonly media: Medium[];
  changed: boolean;
}

const putBody = (span: Span, name: string, body: WireText | undefined, state: BodyState): void => {
  if (body === undefined) return;
  const { content, maxPayloadBytes, redact } = span.tracer.settings;
  if (content === "hashed") {
    span.set(`${name}.sha256`, sha256(body));
    state.changed = true;
    return;
  }
  const asItCame = typeof body !== "string" && redact === undefined && body.length <= maxPayloadBytes;
  if (asItCame && !mayHoldMedia(body) && isCleanUtf8(body)) {
    span.set(name, body);
    return;
  }
  const withoutMedia = takeMediaOut(textOf(body));
  state.media.push(...withoutMedia.media);
  const told = redacted(span, withoutMedia.body);
  if (told !== withoutMedia.body) state.changed = true;
  if (told === undefined) return;
  const short = cut(told, maxPayloadBytes);
  span.set(name, short);
  if (short !== told) span.set(`${name}.truncated`, true);
};

const redacted = (span: Span, text: string): string | undefined => {
  const { settings } = span.tracer;
  if (settings.redact === undefined) return text;
  try {
    return String(settings.redact(text));
  } catch {
    span.tracer.warn("redact threw an exception: the text is left out");
    return undefined;
  }
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** At most so many bytes of UTF-8, no character broken. */
const cut = (text: string, maxBytes: number): string => {
  // A UTF-16 unit is at most 3 bytes.
  if (text.length * 3 <= maxBytes) return text;
  const bytes = encoder.encode(text);
  if (bytes.length <= maxBytes) return text;
  let end = maxBytes;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return decoder.decode(bytes.subarray(0, end));
};
