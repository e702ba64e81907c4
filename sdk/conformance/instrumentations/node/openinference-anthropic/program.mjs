import Anthropic from "@anthropic-ai/sdk";
import { AnthropicInstrumentation } from "@arizeai/openinference-instrumentation-anthropic";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { anthropicFeatures } from "../programs/anthropic.mjs";
import { run } from "../programs/run.mjs";
import { startTracing } from "../programs/tracing.mjs";

const provider = startTracing({ NodeTracerProvider, SimpleSpanProcessor, OTLPTraceExporter });
const instrumentation = new AnthropicInstrumentation({ tracerProvider: provider });
instrumentation.manuallyInstrument(Anthropic);
// The client's own tracing, which a registered provider turns on, tells of each call again: both are recorded.
await run(anthropicFeatures(new Anthropic({ maxRetries: 0 })), () => provider.shutdown());
