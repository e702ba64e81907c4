import { LangChainInstrumentation } from "@arizeai/openinference-instrumentation-langchain";
import * as CallbackManagerModule from "@langchain/core/callbacks/manager";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { createAgent, tool } from "langchain";
import { z } from "zod";
import { langchainFeatures } from "../programs/langchain.mjs";
import { run } from "../programs/run.mjs";
import { startTracing } from "../programs/tracing.mjs";

const provider = startTracing({ NodeTracerProvider, SimpleSpanProcessor, OTLPTraceExporter });
new LangChainInstrumentation({ tracerProvider: provider }).manuallyInstrument(CallbackManagerModule);

await run(langchainFeatures({ ChatOpenAI, OpenAIEmbeddings, createAgent, tool, z }), () => provider.shutdown());
