import { amazonFrames } from "./amazon-event-stream.ts";
import type { CaseSpan } from "./case-file.ts";
import type { RecordedSpan } from "./recording.ts";
import { mediumAsBody, withMedia } from "./stand-in-media.ts";

/** A piece of a body, as text or what is none in base64, and how long after the one before it comes, ms. */
export type AnswerChunk = { readonly after_ms: number } & ({ readonly text: string } | { readonly base64: string });

/**
 * What an SDK is to do in the world's place. `response`: an HTTP response, broken off by `broken` where that is there.
 * `failure`: no response came. `value`: what a tool or retriever returned, as its span told it (absent: nothing), and
 * what `spanhouse.result` says of it. `live`: let the world answer. `miss`: nothing is recorded for it; it fails with `message`.
 */
export type Answer =
  | {
      readonly kind: "response";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly chunks: readonly AnswerChunk[];
      readonly broken?: Failure;
    }
  | { readonly kind: "failure"; readonly error: Failure }
  | { readonly kind: "value"; readonly value?: string; readonly was: string }
  | { readonly kind: "live" }
  | { readonly kind: "miss"; readonly message: string };

/** An exception of the recorded program, by the name of its class. */
export interface Failure {
  readonly type: string;
  readonly message: string;
}

/** Whether streams come in the rhythm that was recorded, or at once. */
export type Delays = "recorded" | "none";

export type Recorded = Answer | { readonly kind: "unrecorded"; readonly reason: string };

/** What the recorded call was answered at its `attempt`-th sending, from 1. */
export function modelAnswer(call: RecordedSpan, attempt: number, delays: Delays): Recorded {
  const { attributes, texts, attempts } = call;
  const earlier = attempts[attempt - 1];
  if (earlier !== undefined && attempt < attempts.length) return attemptAnswer(earlier, delays);
  const status = attributes["http.response.status_code"];
  const error = failureOf(call);
  if (typeof status !== "number" && texts.response === undefined) {
    if (error !== undefined) return { kind: "failure", error };
    return { kind: "unrecorded", reason: `the answer of span ${call.span} was not kept` };
  }
  const { response } = texts;
  if (response === undefined) return { kind: "unrecorded", reason: `the answer of span ${call.span} was not kept` };
  if (attributes["spanhouse.response.truncated"] === true) {
    return { kind: "unrecorded", reason: `of the answer of span ${call.span} only the beginning was kept` };
  }
  const given = typeof status === "number" ? status : 200;
  const body = bodyOf(response, call, delays);
  if (body === undefined) {
    return { kind: "unrecorded", reason: `of a medium in the answer of span ${call.span} nothing was kept` };
  }
  const { type, chunks } = body;
  return {
    kind: "response",
    status: given,
    headers: { "content-type": type, ...headersOf(call, delays) },
    chunks,
    ...(given < 400 && error !== undefined && { broken: error }),
  };
}

interface AnswerBody {
  readonly type: string;
  readonly chunks: readonly AnswerChunk[];
}

function bodyOf(kept: string, call: RecordedSpan, delays: Delays): AnswerBody | undefined {
  const whole = delays === "none" ? 0 : call.durationUs / 1000;
  const medium = mediumAsBody(kept, call.attributes);
  if (medium) return { type: medium.mediaType, chunks: [{ base64: medium.base64, after_ms: whole }] };
  const response = withMedia(kept, call.attributes);
  if (/(?:^|")spanhouse:media:\w+(?:$|")/.test(response)) return undefined;
  if (call.attributes["gen_ai.provider.name"] === "aws.bedrock" && /^event: /.test(response)) {
    const frames = amazonFrames(response).map((frame) => ({ base64: frame.toString("base64") }));
    return { type: "application/vnd.amazon.eventstream", chunks: paced(frames, call, delays) };
  }
  if (!/^(?:data|event|:)/.test(response)) {
    return { type: "application/json", chunks: [{ text: response, after_ms: whole }] };
  }
  const events = response.match(/[\s\S]*?(?:\r?\n\r?\n|$)/g)?.filter((event) => event !== "") ?? [];
  return {
    type: "text/event-stream; charset=utf-8",
    chunks: paced(
      events.map((text) => ({ text })),
      call,
      delays,
    ),
  };
}

/** Of a tool or retriever: what it returned or threw. */
export function workAnswer(call: RecordedSpan): Recorded {
  const error = failureOf(call);
  if (error !== undefined) return { kind: "failure", error };
  const { result, output, documents } = call.texts;
  const value = output ?? result ?? documents;
  if (value === undefined && call.asked === undefined) {
    return { kind: "unrecorded", reason: `the result of span ${call.span} was not kept` };
  }
  return {
    kind: "value",
    ...(value !== undefined && { value }),
    was: String(call.attributes["spanhouse.result"] ?? ""),
  };
}

function attemptAnswer(attempt: CaseSpan, delays: Delays): Answer {
  const { "http.response.status_code": status, "error.type": type } = attempt.attributes;
  if (typeof status !== "number") {
    return { kind: "failure", error: { type: String(type ?? "Error"), message: "recorded: no answer came" } };
  }
  const message = `recorded: status ${status}`;
  const error = { type: "error", error: { type: "recorded", code: "recorded", message } };
  return {
    kind: "response",
    status,
    headers: { "content-type": "application/json", ...headersOf(attempt, delays) },
    chunks: [{ text: JSON.stringify(error), after_ms: 0 }],
  };
}

const prefix = "http.response.header.";

/** Clients wait for as long as a header says, or of their own accord: without delays a millisecond. */
function headersOf({ attributes }: CaseSpan, delays: Delays): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith(prefix))
      headers[name.slice(prefix.length)] = Array.isArray(value) ? value.join(", ") : String(value);
  }
  if (delays === "none") {
    delete headers["retry-after"];
    headers["retry-after-ms"] = "1";
  }
  return headers;
}

function failureOf({ error, attributes }: CaseSpan): Failure | undefined {
  const type = attributes["error.type"];
  return error === undefined && type === undefined
    ? undefined
    : { type: String(type ?? "Error"), message: error ?? "" };
}

/** An event a chunk: the first after what the first took, the others evenly until the end. */
function paced<Piece extends object>(
  pieces: readonly Piece[],
  { attributes, durationUs }: CaseSpan,
  delays: Delays,
): (Piece & { readonly after_ms: number })[] {
  const firstMs = Number(attributes["gen_ai.response.time_to_first_chunk"] ?? 0) * 1000;
  const stepMs = Math.max(0, durationUs / 1000 - firstMs) / Math.max(1, pieces.length - 1);
  return pieces.map((piece, i) => ({ ...piece, after_ms: delays === "none" ? 0 : i === 0 ? firstMs : stepMs }));
}
