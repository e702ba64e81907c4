import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import type { AnyValue, KeyValue, Span } from "@spanhouse/schemas/otlp/model";
import { toModel } from "@spanhouse/schemas/otlp/to-model";

/** A span as it was received. */
export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly kind: number;
  readonly start: bigint;
  /** 0 for an announcement. */
  readonly end: bigint;
  readonly status: number;
  readonly statusMessage: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[];
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Breaks the connection instead. */
  readonly reset?: boolean;
  /** Never answers. */
  readonly hang?: boolean;
}

export interface Collector {
  readonly url: string;
  /** Of requests that were answered with 200, in the order of their arrival. */
  readonly spans: ReceivedSpan[];
  readonly resources: Readonly<Record<string, unknown>>[];
  readonly requests: {
    readonly headers: IncomingMessage["headers"];
    readonly bytes: number;
    readonly status: number;
  }[];
  /** What the next requests are answered with; 200 by default. */
  answer: (bytes: number) => Answer;
  stop(): Promise<void>;
}

/** A receiver of OTLP/HTTP that keeps what it gets. */
export const startCollector = async (): Promise<Collector> => {
  const serve = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const sent = Buffer.concat(chunks);
    const body = req.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
    const { status, headers = {}, reset = false, hang = false } = collector.answer(body.length);
    collector.requests.push({ headers: req.headers, bytes: body.length, status });
    if (hang) return;
    if (reset) {
      res.destroy();
      return;
    }
    if (status === 200) keep(body);
    res.writeHead(status, headers).end();
  };
  const keep = (body: Uint8Array): void => {
    const decoded = decodeTraces(body);
    if (decoded.kind === "failed") throw new Error(decoded.message);
    for (const { resource, scopeSpans } of toModel(decoded.traces).resourceSpans) {
      collector.resources.push(valuesOf(resource?.attributes));
      // In a request they have no order; here they are told in that of their ends.
      for (const { spans } of scopeSpans) collector.spans.push(...spans.map(received).toReversed().sort(byEnd));
    }
  };
  const server = createServer((req, res) => {
    serve(req, res).catch((error: unknown) => res.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: [],
    resources: [],
    requests: [],
    answer: () => ({ status: 200 }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return collector;
};

const byEnd = (a: ReceivedSpan, b: ReceivedSpan): number => Number((a.end || a.start) - (b.end || b.start));

const received = (span: Span): ReceivedSpan => ({
  name: span.name ?? "",
  traceId: span.traceId ?? "",
  spanId: span.spanId ?? "",
  parentSpanId: span.parentSpanId || undefined,
  kind: span.kind ?? 0,
  start: span.startTimeUnixNano ?? 0n,
  end: span.endTimeUnixNano ?? 0n,
  status: span.status?.code ?? 0,
  statusMessage: span.status?.message ?? "",
  attributes: valuesOf(span.attributes),
  events: (span.events ?? []).map(({ name = "", attributes }) => ({ name, attributes: valuesOf(attributes) })),
});

/** Names that stand twice are a mistake. */
const valuesOf = (attributes: readonly KeyValue[] = []): Record<string, unknown> => {
  const values: Record<string, unknown> = {};
  for (const { key, value } of attributes) {
    if (key in values) throw new Error(`${key} stands twice on a span`);
    values[key] = plainValue(value);
  }
  return values;
};

const plainValue = (value: AnyValue): unknown => {
  switch (value.type) {
    case "int":
      return Number(value.value);
    case "array":
      return value.value.map(plainValue);
    case "string":
    case "bool":
    case "double":
      return value.value;
    default:
      throw new Error(`no attribute of ours has such a value: ${value.type}`);
  }
};
