import { Metadata } from "@grpc/grpc-js";
import { OTLPTraceExporter as GrpcExporter } from "@opentelemetry/exporter-trace-otlp-grpc";
import { OTLPTraceExporter as JsonExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from "@opentelemetry/sdk-trace-base";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFakePublisher } from "./fake-publisher.ts";
import { type TestGateway, testGateway } from "./test-gateway.ts";

const publisher = createFakePublisher();
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway(publisher);
});
afterAll(() => gateway.close());

/** What the exporters' configuration takes for gzip. */
const gzip = "gzip" as NonNullable<ConstructorParameters<typeof ProtobufExporter>[0]>["compression"] & string;

type Http = typeof ProtobufExporter | typeof JsonExporter;

function overHttp(Exporter: Http, compression?: typeof gzip): SpanExporter {
  return new Exporter({
    url: `${gateway.url}/v1/traces`,
    headers: { authorization: "Bearer ingest" },
    ...(compression && { compression }),
  });
}

function overGrpc(compression?: typeof gzip): SpanExporter {
  const metadata = new Metadata();
  metadata.set("authorization", "Bearer ingest");
  return new GrpcExporter({
    url: `http://127.0.0.1:${gateway.grpcPort}`,
    metadata,
    ...(compression && { compression }),
  });
}

/** The exporter for gRPC of OpenTelemetry for Node never comes again; gRPC's of Python does (grpc-python.test.ts). */
test.each<[string, () => SpanExporter, { readonly comesAgain: boolean }]>([
  ["protobuf", () => overHttp(ProtobufExporter), { comesAgain: true }],
  ["protobuf, gzip", () => overHttp(ProtobufExporter, gzip), { comesAgain: true }],
  ["JSON", () => overHttp(JsonExporter), { comesAgain: true }],
  ["JSON, gzip", () => overHttp(JsonExporter, gzip), { comesAgain: true }],
  ["gRPC", () => overGrpc(), { comesAgain: false }],
  ["gRPC, gzip", () => overGrpc(gzip), { comesAgain: false }],
])("OpenTelemetry's own exporter: %s", async (_, createExporter, { comesAgain }) => {
  publisher.records.length = 0;
  // A broker that is away for a moment: the exporter heeds Retry-After, or RetryInfo, and comes again.
  if (comesAgain) publisher.answers.push({ kind: "unavailable", message: "away", retryAfterSeconds: 0.5 });
  const exporter = createExporter();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": "shop" }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer("test", "1.2.3");
  const [chat, search] = [tracer.startSpan("chat"), tracer.startSpan("search")];
  chat.setAttributes({ "gen_ai.request.model": "model-x", "gen_ai.usage.input_tokens": 12, texts: ["é", "\u{1F600}"] });
  chat.addEvent("first chunk");
  chat.end();
  search.end();
  await provider.forceFlush();
  await provider.shutdown();

  const keys = [chat, search].map((span) => span.spanContext().traceId);
  expect(publisher.records.map(({ key }) => key)).toEqual(comesAgain ? [...keys, ...keys] : keys);
  const decoded = decodeTraces(publisher.records.at(-2)!.value);
  if (decoded.kind === "failed") throw new Error(decoded.message);
  const [span] = decoded.traces.spans;
  expect(span).toMatchObject({ traceId: keys[0], spanId: chat.spanContext().spanId, name: "chat" });
  expect(span?.scope).toMatchObject({ name: "test", version: "1.2.3" });
  const texts = Array.from({ length: span!.attributes.length }, (_, i) => [
    span!.attributes.key(i),
    span!.attributes.text(i),
  ]);
  expect(Object.fromEntries(texts)).toMatchObject({
    "gen_ai.request.model": "model-x",
    "gen_ai.usage.input_tokens": "12",
  });
});
