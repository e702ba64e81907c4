import { type Environment, parseEnvironment } from "@spanhouse/schemas/environment";
import { z } from "zod";

/**
 * OpenTelemetry's own variables. These decide whether there is tracing; all others (headers, sampler, batches, resource
 * attributes, certificates) are read by OpenTelemetry's packages.
 */
const variables = z.object({
  OTEL_SDK_DISABLED: z.string().default("false"),
  OTEL_TRACES_EXPORTER: z.enum(["otlp", "none"], "otlp or none").default("otlp"),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, error: "a URL such as http://127.0.0.1:4318" }).optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z
    .url({ protocol: /^https?$/, error: "a URL such as http://127.0.0.1:4318/v1/traces" })
    .optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: z.literal("http/protobuf", "http/protobuf").optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: z.literal("http/protobuf", "http/protobuf").optional(),
  OTEL_SERVICE_NAME: z.string().optional(),
});

export interface TracingConfig {
  /** `service.name`. */
  readonly service: string;
}

/** Undefined unless an endpoint is named: then nothing is traced. Throws CONFIG naming what is wrong. */
export function tracingConfig(environment: Environment, service: string): TracingConfig | undefined {
  // Whoever has switched it off need not have configured what is here.
  if (/^true$/i.test(environment.OTEL_SDK_DISABLED ?? "") || environment.OTEL_TRACES_EXPORTER === "none") {
    return undefined;
  }
  const values = parseEnvironment(variables, environment);
  const endpoint = values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? values.OTEL_EXPORTER_OTLP_ENDPOINT;
  return endpoint === undefined ? undefined : { service: values.OTEL_SERVICE_NAME ?? service };
}
