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

/** Every feature within a span of the application, as a request to a server is. */
export function withinASpan(provider, features) {
  const tracer = provider.getTracer("application");
  const within = (work) => () => tracer.startActiveSpan("handle message", (span) => work().finally(() => span.end()));
  return Object.fromEntries(Object.entries(features).map(([name, work]) => [name, within(work)]));
}
