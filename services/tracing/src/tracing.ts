import { DiagLogLevel, diag, ProxyTracerProvider, type Tracer } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { installationAttribute } from "@spanhouse/schemas/own-telemetry";
import type { TracingConfig } from "./config.ts";
import { untilRefused } from "./until-refused.ts";

export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what is still here. */
  stop(): Promise<void>;
}

export interface TracingParts {
  /** Undefined: nothing is traced. */
  readonly config: TracingConfig | undefined;
  /** Every span says which Spanhouse it is of, so that this one refuses it: no span is sent before it is known. */
  readonly installation: () => Promise<string>;
  readonly log: (message: string, detail: Readonly<Record<string, unknown>>) => void;
}

/** Spans of this service about itself, by OTLP to where the environment says. */
export function startTracing({ config, installation, log }: TracingParts): Tracing {
  if (config === undefined) return { tracer: untraced(), stop: async () => undefined };
  const say = (message: string, ...detail: unknown[]) => log(`tracing: ${message}`, { detail: detail.map(String) });
  diag.setLogger(
    { error: say, warn: say, info: () => {}, debug: () => {}, verbose: () => {} },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(detectResources({ detectors: [envDetector] }))
      .merge(resourceFromAttributes({ "service.name": config.service, [installationAttribute]: installation() })),
    spanProcessors: [new BatchSpanProcessor(untilRefused(new OTLPTraceExporter(), log))],
  });
  // What a caller says it is a part of is not followed: these are traces of the service alone.
  provider.register({ propagator: null });
  return { tracer: provider.getTracer("spanhouse"), stop: () => provider.shutdown() };
}

/** A tracer whose spans are none. */
export function untraced(): Tracer {
  return new ProxyTracerProvider().getTracer("spanhouse");
}
