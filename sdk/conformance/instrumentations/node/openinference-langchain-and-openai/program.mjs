import { LangChainInstrumentation } from "@arizeai/openinference-instrumentation-langchain";
import { OpenAIInstrumentation } from "@arizeai/openinference-instrumentation-openai";
import * as CallbackManagerModule from "@langchain/core/callbacks/manager";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { createAgent, tool } from "langchain";
import OpenAI from "openai";
import { z } from "zod";
import { langchainFeatures } from "../programs/langchain.mjs";
import { run } from "../programs/run.mjs";
import { startTracing, withinASpan } from "../programs/tracing.mjs";

const provider = startTracing({ NodeTracerProvider, SimpleSpanProcessor, OTLPTraceExporter });
new LangChainInstrumentation({ tracerProvider: provider }).manuallyInstrument(CallbackManagerModule);
new OpenAIInstrumentation({ tracerProvider: provider }).manuallyInstrument(OpenAI);

// LangChain's callbacks set no context: without a span around both, the client's spans would be traces of their own.
const features = langchainFeatures({ ChatOpenAI, OpenAIEmbeddings, createAgent, tool, z });
await run(withinASpan(provider, features), () => provider.shutdown());
