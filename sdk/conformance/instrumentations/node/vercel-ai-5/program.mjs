import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import * as ai from "ai";
import { z } from "zod";
import { run } from "../programs/run.mjs";
import { startTracing } from "../programs/tracing.mjs";
import { vercelFeatures } from "../programs/vercel-ai.mjs";

const provider = startTracing({ NodeTracerProvider, SimpleSpanProcessor, OTLPTraceExporter });
const telemetry = { experimental_telemetry: { isEnabled: true, functionId: "support" } };
await run(vercelFeatures({ ai, createOpenAI, createAnthropic, z, telemetry }), () => provider.shutdown());
