import { randomUUID } from "node:crypto";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { installationAttribute } from "@spanhouse/schemas/own-telemetry";
import { expect, test } from "vitest";
import { statusIn } from "./answers.ts";
import { createFakePublisher } from "./fake-publisher.ts";
import { grpcCaller } from "./grpc-call.ts";
import { span, testGateway } from "./test-gateway.ts";

const own = randomUUID();
const about = (installation: string) =>
  encodeTraces({
    resourceSpans: [
      {
        resource: { attributes: [{ key: installationAttribute, value: { type: "string", value: installation } }] },
        scopeSpans: [{ spans: [span(1, 1)] }],
      },
    ],
  });

test("spans of this Spanhouse about itself are refused and not told of; those of another are spans like any other", async () => {
  const publisher = createFakePublisher();
  const exporter = new InMemorySpanExporter();
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer("test");
  const gateway = await testGateway(publisher, { installation: [randomUUID(), own], tracer });
  const grpc = grpcCaller(gateway.grpcPort);

  const refused = await gateway.post(about(own));
  expect(refused.status).toBe(400);
  expect((await statusIn(refused)).message).toMatch(/^OWN_TELEMETRY: .*OTEL_EXPORTER_OTLP_ENDPOINT$/);
  expect(await grpc.export(about(own), { authorization: "Bearer ingest" })).toMatchObject({ code: 3 });
  expect(exporter.getFinishedSpans()).toEqual([]);
  expect(publisher.records).toEqual([]);

  expect((await gateway.post(about(randomUUID()))).status).toBe(200);
  // Named in a text, and not what the spans are about.
  const text = encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...span(2, 2), name: own }] }] }] });
  expect((await gateway.post(text)).status).toBe(200);
  expect(publisher.records).toHaveLength(2);
  expect(exporter.getFinishedSpans().map(({ name, attributes }) => [name, attributes["spanhouse.code"]])).toEqual([
    ["take spans", "OK"],
    ["take spans", "OK"],
  ]);
  grpc.close();
  await gateway.close();
});
