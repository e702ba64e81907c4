import { createGateway } from "@spanhouse/gateway/app";
import { defaultLimits } from "@spanhouse/gateway/config";
import { createGatewayMetrics } from "@spanhouse/gateway/metrics";
import { createQuotas } from "@spanhouse/gateway/quota/quotas";
import { createRedactor } from "@spanhouse/gateway/redaction/redactor";
import { uptime } from "@spanhouse/schemas/uptime";
import { noLimits } from "@spanhouse/store/limits/project-limits";
import { untraced } from "@spanhouse/tracing/tracing";
import { pino } from "pino";
import { Registry } from "prom-client";

// A gateway whose span log acknowledges at once and keeps nothing: its own CPU is all that is measured. Says its ports, then
// answers every message with its CPU so far in microseconds.
const gateway = createGateway({
  publisher: { publish: async () => ({ kind: "acknowledged" }), ready: async () => true, close: async () => undefined },
  keys: { authenticate: async () => ({ kind: "granted", project: "bench", scopes: ["ingest"], keyId: "bench" }) },
  quotas: createQuotas({
    table: { all: async () => new Map() },
    usage: { report: async () => undefined, read: async () => new Map() },
    ...{ usual: noLimits, gateway: "bench", refreshMs: 2_000, now: Date.now, uptime, log: () => undefined },
  }),
  redactor: createRedactor({ policies: { all: async () => new Map() }, refreshMs: 10_000, uptime }),
  limits: defaultLimits,
  metrics: createGatewayMetrics(new Registry()),
  ...{ tracer: untraced(), installation: () => [] },
  log: pino({ level: "silent" }),
});
const url = await gateway.http.listen({ host: "127.0.0.1", port: 0 });
const grpcPort = await gateway.grpc.listen({ host: "127.0.0.1", port: 0 });
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.(user + system);
});
process.send?.({ url, grpcPort });
