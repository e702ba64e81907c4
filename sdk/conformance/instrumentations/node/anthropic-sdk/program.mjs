import Anthropic from "@anthropic-ai/sdk";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { anthropicFeatures } from "../programs/anthropic.mjs";
import { run } from "../programs/run.mjs";
import { startTracing } from "../programs/tracing.mjs";

const provider = startTracing({ NodeTracerProvider, SimpleSpanProcessor, OTLPTraceExporter });
await run(anthropicFeatures(new Anthropic({ maxRetries: 0 })), () => provider.shutdown());
