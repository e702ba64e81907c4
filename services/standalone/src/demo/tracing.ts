import Anthropic from "@anthropic-ai/sdk";
import { AnthropicInstrumentation } from "@arizeai/openinference-instrumentation-anthropic";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { OpenAIInstrumentation } from "@traceloop/instrumentation-openai";
import OpenAI from "openai";

/** Where spans go: the origin of an OTLP/HTTP receiver, and the key that it asks for. */
export interface TracingOptions {
  readonly url: string;
  readonly apiKey: string;
}

/**
 * Traces the real clients as an application would, with instrumentation that is not ours: OpenLLMetry on OpenAI's
 * client, OpenInference on Anthropic's, and Anthropic's own spans below that, so that each of its calls is reported
 * twice, in two dialects. It patches the clients' classes for the whole process and cannot be undone: once a process.
 */
export const startTracing = ({ url, apiKey }: TracingOptions): NodeTracerProvider => {
  const exporter = new OTLPTraceExporter({
    url: `${url}/v1/traces`,
    headers: { authorization: `Bearer ${apiKey}` },
  });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      "service.name": "support-agent",
      "service.version": "1.4.0",
      "deployment.environment.name": "demo",
    }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register();

  const openai = new OpenAIInstrumentation({ traceContent: true });
  openai.setTracerProvider(provider);
  openai.manuallyInstrument(OpenAI);
  const anthropic = new AnthropicInstrumentation();
  anthropic.setTracerProvider(provider);
  anthropic.manuallyInstrument(Anthropic);
  return provider;
};
