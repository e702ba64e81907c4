import { type Json, numberOf, objectOf, objectsOf, parseObject, wordOf } from "../apis/json.ts";
import type { ProviderApi } from "../apis/provider-api.ts";
import { activeParent } from "../context.ts";
import { tracer } from "../default-tracer.ts";
import { sha256 } from "../media.ts";
import { type Parent, Span, spanKind } from "../span.ts";
import { putBodies } from "../texts.ts";
import type { Tracer } from "../tracer.ts";
import type { Origin } from "./model-call.ts";
import type { BodyListener } from "./response-tap.ts";

/** How a provider tells of its batches. */
export interface BatchApi {
  /** By a GET's path: the id of the batch, or of the file, whose results it gives. */
  resultsAt(path: string): string | undefined;
  /** By any request's path: whether the answer tells of batches. */
  tellsAt(path: string): boolean;
  /** The ids that `resultsAt` may give of this batch. */
  resultIdsOf(batch: Json): readonly (string | undefined)[];
  /** One line of the results; undefined where it is no result. */
  read(line: string, told: Json): BatchResult | undefined;
}

export interface BatchResult {
  readonly customId: string | undefined;
  /** The provider's own of the answer; undefined where there is none. */
  readonly id: string | undefined;
  readonly api: ProviderApi;
  /** The body of the answer, byte for byte. */
  readonly body: string | undefined;
  readonly status: number | undefined;
  /** As a header of the answer would say it: its name and value. */
  readonly requestId: readonly [string, string] | undefined;
  readonly error: { readonly type: string; readonly message: string } | undefined;
}

interface KnownBatch {
  readonly id: string;
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
}

/** By the ids of their results. Results are asked for after their batch was, mostly by the same program. */
const known = new Map<string, KnownBatch>();
const knownAtMost = 1_000;

/** Remembers the batches that an answer tells of, a single one or a list. */
export const createBatchEar = (api: BatchApi): BodyListener => ({
  onBody() {},
  onFirstChunk() {},
  onChunks() {},
  onWhole(body, read) {
    const told = read === undefined ? parseObject(new TextDecoder().decode(body)) : objectOf(read.parsed);
    if (told === undefined) return;
    for (const batch of [told, ...objectsOf(told.data)]) {
      const id = wordOf(batch.id);
      if (id === undefined) continue;
      const found = {
        id,
        startMs: momentOf(batch.created_at),
        endMs: momentOf(batch.completed_at ?? batch.expired_at ?? batch.cancelled_at ?? batch.ended_at),
      };
      for (const results of api.resultIdsOf(batch)) if (results !== undefined) remember(results, found);
    }
  },
});

const remember = (results: string, batch: KnownBatch): void => {
  known.delete(results);
  known.set(results, batch);
  if (known.size > knownAtMost) known.delete(known.keys().next().value!);
};

/** Unix milliseconds: OpenAI says Unix seconds, Anthropic RFC 3339. */
const momentOf = (told: unknown): number | undefined => {
  if (typeof told === "string") return numberOf(Date.parse(told));
  const seconds = numberOf(told);
  return seconds === undefined ? undefined : seconds * 1000;
};

/**
 * Makes a span of each result of a batch while the program reads them, under a span of the batch. Their ids follow from the
 * provider's: results that are read twice, or in two processes, are the same spans, and count once. They take as long as
 * their batch took, where the client was told of it.
 */
export class BatchResults implements BodyListener {
  private readonly api: BatchApi;
  private readonly origin: Origin;
  private readonly batch: KnownBatch;
  private readonly root: Parent;
  private readonly tracer: Tracer = tracer();
  private readonly readMs = Date.now();
  private readonly decoder = new TextDecoder();
  private waiting: string[] = [];
  private rest = "";
  private working = false;
  private began = false;

  constructor(api: BatchApi, results: string, origin: Origin) {
    this.api = api;
    this.origin = origin;
    this.batch = known.get(results) ?? { id: results, startMs: undefined, endMs: undefined };
    const hash = idsOf(`spanhouse batch ${origin.provider} ${results}`);
    this.root = { traceId: hash.slice(0, 32), spanId: hash.slice(32, 48), inherited: activeParent()?.inherited ?? [] };
  }

  onBody(): void {}
  onFirstChunk(): void {}

  onChunk(chunk: Uint8Array): void {
    this.take(this.decoder.decode(chunk, { stream: true }));
  }

  onChunks(): void {
    this.take(`${this.decoder.decode()}\n`);
  }

  onWhole(body: Uint8Array): void {
    this.take(`${this.decoder.decode(body)}\n`);
  }

  private take(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") this.waiting.push(line);
    if (!this.working) void this.work();
  }

  /** As many as there is room for at once, the others as others are sent: a batch may have more than the queue holds. */
  private async work(): Promise<void> {
    this.working = true;
    while (this.waiting.length > 0) {
      const lines = this.waiting;
      this.waiting = [];
      for (const line of lines) {
        try {
          this.tell(line);
        } catch (error) {
          this.tracer.warn(`a batch's result could not be recorded: ${String(error)}`);
        }
        if (this.tracer.isCrowded) await this.tracer.makeRoom();
      }
    }
    this.working = false;
  }

  private tell(line: string): void {
    const told = parseObject(line);
    const result = told && this.api.read(line, told);
    if (result === undefined) return;
    if (!this.began) this.tellBatch();
    this.began = true;
    const { api, body, customId, error } = result;
    const answer = body === undefined ? undefined : parseObject(body);
    const span = new Span(this.tracer, api.operation, spanKind.client, this.root, this.root.inherited, this.startMs);
    span.spanId = idsOf(`${this.root.traceId} ${customId ?? ""} ${result.id ?? ""}`).slice(0, 16);
    span.set("gen_ai.operation.name", api.operation);
    span.set("gen_ai.provider.name", this.origin.provider);
    span.set("server.address", this.origin.address);
    span.set("server.port", this.origin.port);
    span.set("spanhouse.credential", this.origin.credential);
    span.set("spanhouse.service_tier", "batch");
    span.set("spanhouse.metadata.custom_id", customId);
    span.set("http.response.status_code", result.status);
    if (result.requestId !== undefined) {
      const [header, value] = result.requestId;
      span.set(`http.response.header.${header}`, [value]);
    }
    span.set("spanhouse.error.code", error?.type);
    if (error !== undefined) span.fail(Object.assign(new Error(error.message), { name: error.type }));
    else if (answer !== undefined) {
      api.answer(answer, span);
      const model = span.attributes[span.attributes.indexOf("gen_ai.response.model") + 1];
      if (span.attributes.includes("gen_ai.response.model")) span.name = `${api.operation} ${String(model)}`;
    }
    putBodies(span, undefined, body);
    this.tracer.endAt(span, this.endMs);
  }

  private tellBatch(): void {
    const { traceId, inherited } = this.root;
    const above = { traceId, spanId: "", inherited };
    const span = new Span(this.tracer, `batch ${this.batch.id}`, spanKind.internal, above, inherited, this.startMs);
    span.spanId = this.root.spanId;
    this.tracer.endAt(span, this.endMs);
  }

  private get endMs(): number {
    return this.batch.endMs ?? this.readMs;
  }

  private get startMs(): number {
    return Math.min(this.batch.startMs ?? this.endMs, this.endMs);
  }
}

/** Hex digits that follow from a text. Without the runtime's hash, as on the edge, a batch is told but not recognised. */
const idsOf = (text: string): string =>
  sha256(text) ??
  Array.from(crypto.getRandomValues(new Uint8Array(32)), (b) => b.toString(16).padStart(2, "0")).join("");
