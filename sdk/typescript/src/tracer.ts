import type { AttributeList } from "./attributes.ts";
import { type Delivery, Exporter } from "./export/exporter.ts";
import { SpanQueue } from "./export/span-queue.ts";
import { OpenSpans } from "./open-spans.ts";
import { encodeHead, encodeRequest, encodeSpan } from "./otlp/encode-span.ts";
import type { InitOptions, Settings } from "./settings.ts";
import { type Parent, Span, spanKind } from "./span.ts";
import { sdkVersion } from "./version.ts";

const MiB = 1024 * 1024;

/** Starts spans, and sends them when they end. One for each `init`: its spans are numbered from 1. */
export class Tracer {
  readonly settings: Settings;
  /** What `init` was told, to be told again. */
  readonly given: InitOptions;
  private readonly queue: SpanQueue;
  private readonly exporter: Exporter;
  private readonly open = new OpenSpans((span) => this.announce(span));
  private readonly warned = new Set<string>();
  private sequence = 0;
  /** The last number that a close was sent for. */
  private closed = 0;
  private enqueued = 0;
  private finished = 0;

  constructor(settings: Settings, given: InitOptions) {
    this.settings = settings;
    this.given = given;
    this.queue = new SpanQueue({ maxBytes: settings.maxQueueBytes, maxSpans: settings.maxQueueSpans });
    const head = encodeHead(resourceOf(settings), "spanhouse", sdkVersion);
    this.exporter = new Exporter({
      queue: this.queue,
      sender: settings.sender,
      request: (spans) => encodeRequest(head, spans),
      intervalMs: 1_000,
      maxBatchBytes: 2 * MiB,
      maxBatchSpans: 2_000,
      giveUpMs: 300_000,
      backoffMs: { first: 500, longest: 30_000 },
      warn: (message) => this.warn(message),
    });
  }

  get delivery(): Delivery {
    return this.exporter.delivery;
  }

  start(name: string, kind: number, parent: Parent | undefined, inherited?: AttributeList): Span {
    const span = new Span(this, name, kind, parent, inherited);
    this.open.add(span);
    this.settings.world.began?.(span);
    return span;
  }

  /** Ends the span; what is said of it later is lost. A second end changes nothing. */
  end(span: Span): void {
    this.endAt(span, span.startMs + span.elapsedMs());
  }

  /** The same, at a moment that has passed: Unix milliseconds. */
  endAt(span: Span, endMs: number): void {
    if (span.ended) return;
    span.ended = true;
    this.open.delete(span);
    this.sequence++;
    this.enqueue(span, endMs, ["spanhouse.sequence", this.sequence]);
  }

  /** Sends a span of no duration that is no part of a trace's tree. */
  control(span: Span): void {
    span.ended = true;
    this.enqueue(span, span.startMs, []);
  }

  /** Whether the texts of this trace are sent; the same in every process that the trace runs through. */
  samplesTexts(traceId: string): boolean {
    const { samplePayloads } = this.settings;
    return samplePayloads >= 1 || Number.parseInt(traceId.slice(-8), 16) < samplePayloads * 2 ** 32;
  }

  /** Says how many spans there were, where that has grown since it was last said. */
  close(): void {
    if (this.sequence === this.closed) return;
    this.closed = this.sequence;
    const span = new Span(this, "spanhouse.close", spanKind.internal, undefined);
    span.set("spanhouse.final_sequence", this.sequence);
    this.control(span);
  }

  /** What is left goes out before this returns, where the sender can do that: a replay's. */
  finishNow(): void {
    this.close();
    this.exporter.drainNow();
  }

  /** Whether so much waits that many more spans at once could drive it out of the queue. */
  get isCrowded(): boolean {
    const { maxQueueBytes, maxQueueSpans } = this.settings;
    return this.queue.bytes > maxQueueBytes / 4 || this.queue.pending > maxQueueSpans / 2;
  }

  /** Settles when what waits is sent, or cannot be soon. */
  makeRoom(): Promise<void> {
    return this.exporter.flush(5_000);
  }

  flush(timeoutMs: number): Promise<void> {
    return this.exporter.flush(timeoutMs);
  }

  /**
   * Closes and sends what has come since the last such moment. What could not be sent then is not waited for again, or a
   * process that has nothing left to do would not end while the receiver is away.
   */
  async finish(timeoutMs: number): Promise<void> {
    this.close();
    if (this.enqueued === this.finished) return;
    this.finished = this.enqueued;
    await this.flush(timeoutMs);
  }

  async shutdown(timeoutMs: number): Promise<void> {
    this.close();
    await this.flush(timeoutMs);
    await this.settings.sender.close();
  }

  /** Says each kind of trouble once; what differs in numbers alone is the same kind. */
  warn(message: string): void {
    const kind = message.replaceAll(/\d+/g, "0");
    if (this.warned.has(kind)) return;
    this.warned.add(kind);
    try {
      this.settings.onWarning(message);
    } catch {
      // The host's own listener failed: nobody else to tell.
    }
  }

  private announce(span: Span): void {
    this.enqueue(span, 0, ["spanhouse.open", true]);
    span.watcher?.watch();
  }

  private enqueue(span: Span, endMs: number, extra: AttributeList): void {
    this.enqueued++;
    this.queue.add(span.traceId, encodeSpan(span, endMs, extra));
    this.exporter.noticeSpan();
  }
}

const resourceOf = ({ service, release, environment }: Settings): AttributeList => {
  const resource: AttributeList = ["service.name", service];
  if (release !== undefined) resource.push("service.version", release);
  if (environment !== undefined) resource.push("deployment.environment.name", environment);
  resource.push("telemetry.sdk.name", "spanhouse");
  resource.push("telemetry.sdk.language", "nodejs");
  resource.push("telemetry.sdk.version", sdkVersion);
  resource.push("spanhouse.instance", crypto.randomUUID());
  return resource;
};
