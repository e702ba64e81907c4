import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { OpenInferenceSimpleSpanProcessor } from "@arizeai/openinference-vercel";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import * as ai from "ai";
import { z } from "zod";
import { run } from "../programs/run.mjs";
import { startTracing } from "../programs/tracing.mjs";
import { vercelFeatures } from "../programs/vercel-ai.mjs";

// It rewrites the spans of the AI SDK as it exports them.
const provider = startTracing({
  NodeTracerProvider,
  SimpleSpanProcessor: class extends OpenInferenceSimpleSpanProcessor {
    constructor(exporter) {
      super({ exporter });
    }
  },
  OTLPTraceExporter,
});
const telemetry = { experimental_telemetry: { isEnabled: true, functionId: "support" } };
await run(vercelFeatures({ ai, createOpenAI, createAnthropic, z, telemetry }), () => provider.shutdown());
