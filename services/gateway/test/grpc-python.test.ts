import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { expect, test } from "vitest";
import { createFakePublisher } from "./fake-publisher.ts";
import { testGateway } from "./test-gateway.ts";

const python = fileURLToPath(new URL("../../../sdk/python/.venv/bin/python", import.meta.url));

/** Two spans by OpenTelemetry's own SDK, plain and compressed, configured as everybody does. */
const program = `
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
with provider.get_tracer("test").start_as_current_span("chat") as span:
    span.set_attribute("gen_ai.request.model", "modèle-x")
provider.shutdown()
`;

test.each([{}, { OTEL_EXPORTER_OTLP_COMPRESSION: "gzip" }])(
  "OpenTelemetry's own exporter of Python, %o",
  async (set) => {
    const publisher = createFakePublisher();
    // Away for a moment: the exporter heeds RetryInfo and comes again.
    publisher.answers.push({ kind: "unavailable", message: "away", retryAfterSeconds: 0.2 });
    const gateway = await testGateway(publisher);
    const child = spawn(python, ["-c", program], {
      stdio: ["ignore", "inherit", "pipe"],
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${gateway.grpcPort}`,
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20ingest",
        ...set,
      },
    });
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    expect(await once(child, "exit"), said).toEqual([0, null]);
    const [first, second] = publisher.records;
    expect(second?.value).toEqual(first?.value);
    const decoded = decodeTraces(second!.value);
    if (decoded.kind === "failed") throw new Error(decoded.message);
    const [span] = decoded.traces.spans;
    expect(span?.name).toBe("chat");
    expect([span?.attributes.key(0), span?.attributes.text(0)]).toEqual(["gen_ai.request.model", "modèle-x"]);
    await gateway.close();
  },
);
