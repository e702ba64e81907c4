import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import type { ExportTraceServiceRequest, ScopeSpans, Span } from "@spanhouse/schemas/otlp/model";
import { toModel } from "@spanhouse/schemas/otlp/to-model";

export interface ReceivedSpan extends Span {
  readonly scope: string;
  /** Attribute values as plain JSON; integers as numbers. */
  readonly plain: Readonly<Record<string, unknown>>;
}

/** The least OTLP/HTTP receiver: takes protobuf under one key, and keeps all it was sent. */
export const startOtlpReceiver = async (apiKey: string) => {
  const requests: ExportTraceServiceRequest[] = [];
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    if (req.url !== "/v1/traces" || req.headers.authorization !== `Bearer ${apiKey}`) {
      res.writeHead(401).end();
      return;
    }
    const outcome = decodeTraces(Buffer.concat(chunks));
    if (outcome.kind === "decoded") requests.push(toModel(outcome.traces));
    res.writeHead(outcome.kind === "decoded" ? 200 : 400, { "content-type": "application/x-protobuf" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: (): readonly ExportTraceServiceRequest[] => requests,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** All spans of one trace as one request: what a record on the bus holds. */
export const requestOfTrace = (
  requests: readonly ExportTraceServiceRequest[],
  traceId: string,
): ExportTraceServiceRequest => ({
  resourceSpans: requests.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap((resource) => {
      const scopeSpans = resource.scopeSpans
        .map((scope): ScopeSpans => ({ ...scope, spans: scope.spans.filter((span) => span.traceId === traceId) }))
        .filter(({ spans }) => spans.length > 0);
      return scopeSpans.length > 0 ? [{ ...resource, scopeSpans }] : [];
    }),
  ),
});

export const spansOf = (request: ExportTraceServiceRequest): readonly ReceivedSpan[] =>
  request.resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        ...span,
        scope: scope?.name ?? "",
        plain: Object.fromEntries(
          (span.attributes ?? []).map(({ key, value }) => [
            key,
            "value" in value ? (typeof value.value === "bigint" ? Number(value.value) : value.value) : undefined,
          ]),
        ),
      })),
    ),
  );

/** The trace as indented names in order of start, one line a span. */
export const treeOf = (spans: readonly ReceivedSpan[]): readonly string[] => {
  const below = (parent: string, depth: number): string[] =>
    spans
      .filter(({ parentSpanId }) => (parentSpanId ?? "") === parent)
      .sort((a, b) => Number((a.startTimeUnixNano ?? 0n) - (b.startTimeUnixNano ?? 0n)) || compare(a.name, b.name))
      .flatMap((span) => [`${"  ".repeat(depth)}${span.name}`, ...below(span.spanId ?? "", depth + 1)]);
  return below("", 0);
};

const compare = (a = "", b = ""): number => (a < b ? -1 : 1);
