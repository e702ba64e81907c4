/**
 * A tracer provider of the instrumentation's own OpenTelemetry packages that exports at once and in order. They are
 * arguments, since each instrumentation has versions of its own.
 */
export function startTracing({ NodeTracerProvider, SimpleSpanProcessor, OTLPTraceExporter, processors = [] }) {
  const exporter = new OTLPTraceExporter({ url: `${process.env.OTLP_URL}/v1/traces` });
  const provider = new NodeTracerProvider({ spanProcessors: [...processors, new SimpleSpanProcessor(exporter)] });
  provider.register();
  return provider;
}
