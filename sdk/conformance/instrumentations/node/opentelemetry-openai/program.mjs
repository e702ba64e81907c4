import { createRequire } from "node:module";
import { metrics } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OpenAIInstrumentation } from "@opentelemetry/instrumentation-openai";
import { NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { openaiFeatures } from "../programs/openai.mjs";
import { run } from "../programs/run.mjs";
import { startTracing } from "../programs/tracing.mjs";

const provider = startTracing({ NodeTracerProvider, SimpleSpanProcessor, OTLPTraceExporter });
const instrumentation = new OpenAIInstrumentation({ captureMessageContent: true });
instrumentation.setTracerProvider(provider);
instrumentation.setMeterProvider(metrics.getMeterProvider());
// It patches the CommonJS build as that is loaded.
const { OpenAI } = createRequire(import.meta.url)("openai");
await run(openaiFeatures(new OpenAI({ maxRetries: 0 })), () => provider.shutdown());
