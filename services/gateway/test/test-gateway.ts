import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import type { Tracer } from "@opentelemetry/api";
import type { SpanPublisher } from "@spanhouse/bus/bus";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { Span } from "@spanhouse/schemas/otlp/model";
import { uptime } from "@spanhouse/schemas/uptime";
import type { KeyAuthority } from "@spanhouse/store/api-keys";
import { noLimits } from "@spanhouse/store/limits/project-limits";
import type { RedactionPolicies } from "@spanhouse/store/redaction-policies";
import { untraced } from "@spanhouse/tracing/tracing";
import { type Logger, pino } from "pino";
import { Registry } from "prom-client";
import { createGateway } from "../src/app.ts";
import { defaultLimits, type GatewayLimits } from "../src/config.ts";
import { createGatewayMetrics } from "../src/metrics.ts";
import { createQuotas, type QuotaParts } from "../src/quota/quotas.ts";
import { createRedactor } from "../src/redaction/redactor.ts";

export interface TestGateway {
  readonly url: string;
  readonly port: number;
  readonly grpcPort: number;
  /** POSTs to /v1/traces as protobuf with the key `ingest`, unless the headers say otherwise. */
  post(body: Uint8Array | string | ReadableStream<Uint8Array>, headers?: Record<string, string>): Promise<Response>;
  /** The value of a sample line of /metrics. */
  metric(sample: string): Promise<number>;
  close(): Promise<void>;
}

/** Knows the keys `ingest` and `read`, by those scopes. */
const fixedKeys: KeyAuthority = {
  async authenticate(key) {
    if (key === undefined) return { kind: "missing" };
    if (key !== "ingest" && key !== "read") return { kind: "unknown" };
    return { kind: "granted", project: "shop", scopes: [key], keyId: key };
  },
};

export async function testGateway(
  publisher: SpanPublisher,
  options: {
    readonly keys?: KeyAuthority;
    readonly limits?: Partial<GatewayLimits>;
    readonly quotas?: Partial<QuotaParts>;
    readonly log?: Logger;
    readonly installation?: readonly string[];
    readonly tracer?: Tracer;
    readonly policies?: Pick<RedactionPolicies, "all">;
  } = {},
): Promise<TestGateway> {
  const gateway = createGateway({
    publisher,
    keys: options.keys ?? fixedKeys,
    quotas: createQuotas({
      table: { all: async () => new Map() },
      usage: { report: async () => undefined, read: async () => new Map() },
      ...{ usual: noLimits, gateway: randomUUID(), refreshMs: 1_000, now: Date.now, uptime, log: () => undefined },
      ...options.quotas,
    }),
    redactor: createRedactor({
      policies: options.policies ?? { all: async () => new Map() },
      ...{ refreshMs: 1_000, uptime },
    }),
    limits: { ...defaultLimits, ...options.limits },
    metrics: createGatewayMetrics(new Registry()),
    tracer: options.tracer ?? untraced(),
    installation: () => options.installation ?? [],
    log: options.log ?? pino({ level: "silent" }),
  });
  await gateway.http.listen({ host: "127.0.0.1", port: 0 });
  const grpcPort = await gateway.grpc.listen({ host: "127.0.0.1", port: 0 });
  const { port } = gateway.http.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    grpcPort,
    post: (body, headers = {}) =>
      fetch(`${url}/v1/traces`, {
        method: "POST",
        headers: { "content-type": "application/x-protobuf", "x-api-key": "ingest", ...headers },
        body: body as NonNullable<RequestInit["body"]>,
        ...(body instanceof ReadableStream && { duplex: "half" }),
      } as RequestInit),
    async metric(sample) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = text.split("\n").find((each) => each.startsWith(`${sample} `));
      return line === undefined ? Number.NaN : Number(line.slice(sample.length + 1));
    },
    close: () => gateway.close(),
  };
}

export function traceId(n: number): string {
  return n.toString(16).padStart(32, "0");
}

export function span(trace: number, n: number, textBytes = 0): Span {
  return {
    traceId: traceId(trace),
    spanId: n.toString(16).padStart(16, "0"),
    name: `span ${n}`,
    startTimeUnixNano: 1_790_000_000_000_000_000n,
    endTimeUnixNano: 1_790_000_001_000_000_000n,
    attributes: [{ key: "input.value", value: { type: "string", value: "x".repeat(textBytes) } }],
  };
}

export function request(...spans: readonly Span[]): Uint8Array {
  const resource = { attributes: [{ key: "service.name", value: { type: "string", value: "shop" } }] } as const;
  return encodeTraces({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "test" }, spans }] }] });
}

/** Span ids by record. */
export function spanIds(records: ReadonlyArray<{ readonly value: Uint8Array }>): string[][] {
  return records.map(({ value }) => {
    const decoded = decodeTraces(value);
    return decoded.kind === "decoded" ? decoded.traces.spans.map(({ spanId }) => spanId) : [decoded.code];
  });
}
