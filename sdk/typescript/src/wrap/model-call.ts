import { objectOf, parseObject, wordOf } from "../apis/json.ts";
import type { ProviderApi } from "../apis/provider-api.ts";
import { StreamText } from "../apis/stream-text.ts";
import { activeParent } from "../context.ts";
import { tracer } from "../default-tracer.ts";
import { sha256 } from "../media.ts";
import { Span, spanKind } from "../span.ts";
import { putBodies, toldBody } from "../texts.ts";
import { joined, textOf, type WireText } from "../wire-text.ts";
import { type BodyListener, type ChunkEar, tapResponse } from "./response-tap.ts";

/** What is known of a client before it is asked anything. */
export interface Origin {
  /** A `gen_ai.provider.name`. */
  readonly provider: string;
  readonly address: string | undefined;
  /** Undefined where it is 443. */
  readonly port: number | undefined;
  /** The last four characters of its key, as `…abcd`. */
  readonly credential: string | undefined;
}

export type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Times are Unix milliseconds. It becomes a span only where it was not the only one. */
interface Attempt {
  readonly startMs: number;
  endMs: number;
  status: number | undefined;
  retryAfter: string | null;
  errorType: string | undefined;
}

/** One call of a model, from the client's method to the last byte of the answer, through all attempts. */
export class ModelCall implements BodyListener {
  private readonly span: Span;
  private readonly api: ProviderApi;
  private readonly attempts: Attempt[] = [];
  private streams = false;
  private model: string | undefined;
  private request: string | undefined;
  /** Of the last attempt. Not the response itself: it may outlive the call. */
  private answer: { readonly status: number; readonly ok: boolean; readonly headers: Headers } | undefined;
  private errorBody: Uint8Array | undefined;
  /** What the program reads the answer from, until it is watched. */
  private unread: object | undefined;
  private ear: ChunkEar | undefined;

  constructor(api: ProviderApi, origin: Origin) {
    this.api = api;
    this.span = tracer().start(api.operation, spanKind.client, activeParent());
    const { span } = this;
    span.watcher = this;
    span.set("gen_ai.operation.name", api.operation);
    span.set("gen_ai.provider.name", origin.provider);
    span.set("server.address", origin.address);
    span.set("server.port", origin.port);
    span.set("spanhouse.credential", origin.credential);
  }

  /** The request's body, as the program gave it to the client. */
  describe(body: unknown, stream: unknown): void {
    const object = objectOf(body);
    this.streams = stream === true;
    if (object === undefined) return;
    const model = wordOf(object.model);
    if (model !== this.model) this.setModel(model);
    this.guard(() => this.api.request(object, this.span));
    if (this.streams && object.stream !== true) this.span.replace("gen_ai.request.stream", true);
  }

  private setModel(model = ""): void {
    this.model = model;
    this.span.name = `${this.api.operation} ${model}`.trimEnd();
    this.span.set("gen_ai.request.model", model || undefined);
  }

  /** The client asks `fetch`: for the first time, or again. */
  attempt(url: string | URL | Request, init: RequestInit, fetch: Fetch): Promise<Response> {
    const { span, api } = this;
    const attempt: Attempt = {
      startMs: this.now(),
      endMs: 0,
      status: undefined,
      retryAfter: null,
      errorType: undefined,
    };
    this.attempts.push(attempt);
    this.request = requestText(init.body);
    const asked = span.tracer.settings.world.request(
      {
        api: api.name,
        url: typeof url === "string" ? url : "url" in url ? url.url : url.href,
        init,
        asked: () => toldBody(span, requestText(init.body) ?? ""),
        attempt: this.attempts.length,
        traceId: span.traceId,
        spanId: span.spanId,
      },
      () => fetch(url, init),
    );
    return asked.then(
      (response) => {
        const { status, ok, headers } = response;
        attempt.endMs = this.now();
        attempt.status = status;
        attempt.retryAfter = headers.get("retry-after");
        this.answer = { status, ok, headers };
        if (ok) this.unread = response;
        return tapResponse(response, this);
      },
      (error: unknown) => {
        attempt.endMs = this.now();
        attempt.errorType = error instanceof Error ? error.name : typeof error;
        this.answer = undefined;
        throw error;
      },
    );
  }

  /** The client gave up, or the program did. */
  fail(error: unknown): void {
    const { span } = this;
    if (span.ended) return;
    this.guard(() => {
      const { code, type, error: told } = objectOf(error) ?? {};
      const inner = objectOf(objectOf(told)?.error) ?? objectOf(told);
      span.set("spanhouse.error.code", wordOf(code) ?? wordOf(inner?.code) ?? wordOf(inner?.type) ?? wordOf(type));
      span.fail(error);
    });
    this.end(this.errorBody);
  }

  private now(): number {
    return this.span.startMs + this.span.elapsedMs();
  }

  onBody(body: object, ear: ChunkEar): void {
    if (this.unread !== undefined) this.unread = body;
    this.ear = ear;
  }

  onFirstChunk(): void {
    const { span } = this;
    if (this.streams) span.set("gen_ai.response.time_to_first_chunk", span.elapsedMs() / 1000);
  }

  onWhole(body: Uint8Array, read?: { readonly parsed: unknown }): void {
    // What follows an error is the client's to decide: another attempt, or its end.
    if (this.answer?.ok !== true) {
      this.errorBody = body;
      return;
    }
    if (this.span.ended) return;
    const type = this.answer.headers.get("content-type") ?? "";
    if (!isText(type)) {
      this.end(undefined, { body, type });
      return;
    }
    this.guard(() => {
      if (startsLike(body, dataLine) || startsLike(body, eventLine)) {
        this.api.stream(new StreamText(body), this.span);
        return;
      }
      const answer = read === undefined ? parseObject(textOf(body)) : objectOf(read.parsed);
      if (answer !== undefined) this.api.answer(answer, this.span);
    });
    this.end(body);
  }

  onChunks(chunks: readonly Uint8Array[], how: "done" | "left" | "broken", error?: unknown): void {
    const { span, answer: head } = this;
    if (head?.ok !== true || span.ended) return;
    const body = joined(chunks);
    const type = head.headers.get("content-type") ?? "";
    if (how === "done" && !isText(type)) {
      this.end(undefined, { body, type });
      return;
    }
    this.guard(() => {
      const answer = startsLike(body, openBrace) ? parseObject(textOf(body)) : undefined;
      if (answer !== undefined) this.api.answer(answer, span);
      const complete = answer !== undefined || this.api.stream(new StreamText(body), span);
      if (how === "done" || complete) return;
      span.set("spanhouse.aborted", true);
      if (how === "broken" && !isAbort(error)) span.fail(error);
    });
    this.end(body);
  }

  /**
   * Ends the call when nobody can read its answer any more. Only for calls that are open for long: to watch each would keep
   * its answer in memory until the next full collection.
   */
  watch(): void {
    if (this.unread !== undefined) abandoned?.register(this.unread, this);
    this.unread = undefined;
  }

  /** Nobody can read the answer any more. */
  abandon(): void {
    this.ear?.end("left");
    if (this.span.ended) return;
    if (this.streams) this.span.set("spanhouse.aborted", true);
    this.end(undefined);
  }

  private end(body: WireText | undefined, media?: { readonly body: Uint8Array; readonly type: string }): void {
    const { span, attempts } = this;
    this.guard(() => {
      this.setAnswerHeaders();
      putBodies(span, this.request, media === undefined ? body : binaryBody(span, media));
      if (attempts.length > 1) {
        span.set("http.request.resend_count", attempts.length - 1);
        this.endAttempts();
      }
    });
    this.request = undefined;
    this.answer = undefined;
    this.unread = undefined;
    this.ear = undefined;
    span.tracer.end(span);
  }

  private setAnswerHeaders(): void {
    if (this.answer === undefined) return;
    const { span } = this;
    const { status, headers } = this.answer;
    span.set("http.response.status_code", status);
    for (const name of toldHeaders) setHeader(span, headers, name);
    for (const { first, others } of limitHeaders) {
      if (!setHeader(span, headers, first)) continue;
      for (const name of others) setHeader(span, headers, name);
    }
  }

  private endAttempts(): void {
    let before: Attempt | undefined;
    const { tracer } = this.span;
    for (const [index, attempt] of this.attempts.entries()) {
      const { startMs, endMs, status, retryAfter, errorType } = attempt;
      const span = new Span(tracer, `attempt ${index + 1}`, spanKind.client, this.span, this.span.inherited, startMs);
      span.set("spanhouse.attempt", index + 1);
      span.set("http.response.status_code", status);
      span.set("error.type", errorType);
      if (retryAfter !== null) span.set("http.response.header.retry-after", [retryAfter]);
      if (before !== undefined) span.set("spanhouse.retry.wait", Math.max(0, startMs - before.endMs) / 1000);
      tracer.endAt(span, endMs);
      before = attempt;
    }
  }

  /** What we do wrong must not reach the program. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.span.tracer.warn(`a call could not be recorded whole: ${String(error)}`);
    }
  }
}

/** Answers that are thrown away before their end: their calls must end too. */
const abandoned =
  typeof FinalizationRegistry === "undefined"
    ? undefined
    : new FinalizationRegistry<ModelCall>((call) => call.abandon());

const toldHeaders = ["x-request-id", "request-id", "x-amzn-requestid", "retry-after"];
/** The rate limits that providers tell: where the first is not told, the others are not looked for. Azure tells no limit. */
const limitHeaders = [
  {
    first: "x-ratelimit-remaining-requests",
    others: ["limit-requests", "limit-tokens", "remaining-tokens", "reset-requests", "reset-tokens"].map(
      (what) => `x-ratelimit-${what}`,
    ),
  },
  {
    first: "anthropic-ratelimit-requests-limit",
    others: ["requests-remaining", "requests-reset"]
      .concat(
        ["tokens", "input-tokens", "output-tokens"].flatMap((of) => [`${of}-limit`, `${of}-remaining`, `${of}-reset`]),
      )
      .map((what) => `anthropic-ratelimit-${what}`),
  },
];

const setHeader = (span: Span, headers: Headers, name: string): boolean => {
  const value = headers.get(name);
  if (value !== null) span.set(`http.response.header.${name}`, [value]);
  return value !== null;
};

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === "AbortError";

const isText = (contentType: string): boolean => /^$|json|^text\/|event-stream|xml|urlencoded/.test(contentType);

/** A body that is no text is told as the medium that it is. */
const binaryBody = (span: Span, { body, type }: { readonly body: Uint8Array; readonly type: string }): string => {
  const hash = sha256(body) ?? "";
  const { content } = span.tracer.settings;
  if (content === "full") {
    span.set("spanhouse.media", JSON.stringify([{ sha256: hash, bytes: body.length, media_type: type }]));
  }
  return `spanhouse:media:${hash}`;
};

const encoder = new TextEncoder();
const [openBrace, dataLine, eventLine] = ["{", "data:", "event:"].map((text) => encoder.encode(text)) as Three;
type Three = [Uint8Array, Uint8Array, Uint8Array];

/** Whether a body begins so, white space aside. */
const startsLike = (body: Uint8Array, beginning: Uint8Array): boolean => {
  let at = 0;
  while (body[at]! <= 0x20) at++;
  return beginning.every((byte, index) => body[at + index] === byte);
};

/** A form is told by its fields, a file in it by name, size and type: how it is laid out in bytes only `fetch` knows. */
const requestText = (body: unknown): string | undefined => {
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return textOf(body);
  if (typeof FormData !== "undefined" && body instanceof FormData) return JSON.stringify(formFields(body));
  return undefined;
};

/** The fields of a form, a file as `{name, bytes, media_type}`. */
export const formFields = (form: FormData): Record<string, unknown> =>
  Object.fromEntries(
    [...form.entries()].map(([name, value]) => [
      name,
      typeof value === "string" ? value : { name: value.name, bytes: value.size, media_type: value.type },
    ]),
  );
