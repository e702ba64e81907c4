import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createKafkaPublisher } from "@spanhouse/bus/kafka/kafka-publisher";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { stopSignal } from "@spanhouse/schemas/stop-signal";
import { uptime } from "@spanhouse/schemas/uptime";
import { createApiKeys, createKeyCache } from "@spanhouse/store/api-keys";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { createKnownInstallation, installationId } from "@spanhouse/store/installation";
import { createProjectLimits } from "@spanhouse/store/limits/project-limits";
import { createQuotaUsage } from "@spanhouse/store/limits/quota-usage";
import { createRedactionPolicies } from "@spanhouse/store/redaction-policies";
import { type TracingConfig, tracingConfig } from "@spanhouse/tracing/config";
import { startTracing } from "@spanhouse/tracing/tracing";
import { pino } from "pino";
import { collectDefaultMetrics, Registry } from "prom-client";
import { createGateway } from "./app.ts";
import { type GatewayConfig, gatewayConfig } from "./config.ts";
import { createGatewayMetrics } from "./metrics.ts";
import { createMetricsServer } from "./metrics-server.ts";
import { createQuotas, quotaRefreshMs } from "./quota/quotas.ts";
import { createRedactor } from "./redaction/redactor.ts";

/** Keys, headers and the batch around the largest record's value. */
const recordFraming = 4096;

async function main(config: GatewayConfig, tracingOptions: TracingConfig | undefined) {
  const { host, port, grpcPort, metricsPort, kafka, clickhouse, keyRefreshMs, limits, projectLimits } = config;
  const log = pino();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const store = createClickHouse(clickhouse);
  const publisher = createKafkaPublisher({
    connection: {
      brokers: kafka.brokers,
      ...kafka.security,
      clientId: "spanhouse-gateway",
      log: (level, message, fields) => log[level](fields, message),
    },
    topic: kafka.topic,
    maxRecordBytes: limits.maxRecordBytes + recordFraming,
    maxInFlightBytes: limits.maxInflightBytes,
  });
  const keys = createKeyCache(createApiKeys(store), { refreshMs: keyRefreshMs, now: Date.now, uptime });
  const quotas = createQuotas({
    table: createProjectLimits(store),
    usage: createQuotaUsage(store),
    usual: projectLimits,
    gateway: randomUUID(),
    refreshMs: quotaRefreshMs,
    now: Date.now,
    uptime,
    log: (message, err) => log.warn({ err }, message),
  });
  const redactor = createRedactor({ policies: createRedactionPolicies(store), refreshMs: keyRefreshMs, uptime });
  const ending = new AbortController();
  const tracing = startTracing({
    config: tracingOptions,
    installation: () => installationId(store, ending.signal),
    log: (message, detail) => log.warn(detail, message),
  });
  const gateway = createGateway({
    publisher,
    keys,
    quotas,
    redactor,
    limits,
    metrics: createGatewayMetrics(registry),
    tracer: tracing.tracer,
    installation: createKnownInstallation({ clickhouse: store, refreshMs: 60_000, uptime }),
    log,
  });

  await gateway.http.listen({ host, port });
  await gateway.grpc.listen({ host, port: grpcPort });
  const metricsServer = metricsPort === undefined ? undefined : createMetricsServer(registry).listen(metricsPort, host);
  if (metricsServer !== undefined) await once(metricsServer, "listening");

  const signal = await stopSignal();
  log.info({ signal }, "stopping: requests under way are finished");
  await gateway.close();
  metricsServer?.close();
  metricsServer?.closeAllConnections();
  await publisher.close();
  ending.abort();
  await tracing.stop();
  await store.close();
}

try {
  await main(gatewayConfig(process.env), tracingConfig(process.env, "spanhouse-gateway"));
} catch (error) {
  process.stderr.write(`${error instanceof SpanhouseError ? `${error.code}: ${error.message}` : String(error)}\n`);
  process.exit(error instanceof SpanhouseError && error.code === "CONFIG" ? 2 : 1);
}
