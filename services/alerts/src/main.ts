import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { stopSignal } from "@spanhouse/schemas/stop-signal";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { installationId } from "@spanhouse/store/installation";
import { createLease } from "@spanhouse/store/leases";
import { migrate } from "@spanhouse/store/migrate";
import { type TracingConfig, tracingConfig } from "@spanhouse/tracing/config";
import { startTracing } from "@spanhouse/tracing/tracing";
import { pino } from "pino";
import { collectDefaultMetrics, Registry } from "prom-client";
import { readAlertsFile } from "./alerts-file.ts";
import { createAlerts } from "./app.ts";
import { type AlertsConfig, alertsConfig } from "./config.ts";
import { createHealthServer } from "./health-server.ts";
import { createAlertsMetrics } from "./metrics.ts";
import { createCheckpointWatermark } from "./watermark.ts";

async function main(
  { clickhouse: options, leaseMs, metricsHost, metricsPort, ...config }: AlertsConfig,
  tracingOptions: TracingConfig | undefined,
) {
  const log = pino();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const file = await readAlertsFile(config.file);
  const clickhouse = createClickHouse(options);
  const reader = createClickHouse({ ...options, settings: { readonly: "2" } });
  await migrate(clickhouse);
  const ending = new AbortController();
  const tracing = startTracing({
    config: tracingOptions,
    installation: () => installationId(clickhouse, ending.signal),
    log: (message, detail) => log.warn(detail, message),
  });
  const alerts = createAlerts({
    ...{ ...config, clickhouse, reader, file, now: Date.now },
    watermark: createCheckpointWatermark(clickhouse),
    lease: createLease(clickhouse, { resource: "alerts", holder: randomUUID(), lengthMs: leaseMs }),
    metrics: createAlertsMetrics(registry),
    tracer: tracing.tracer,
    log: (message, detail) => log.info(detail, message),
  });
  const health = createHealthServer(registry, () => clickhouse.ping()).listen(metricsPort, metricsHost);
  await once(health, "listening");
  log.info({ address: health.address() }, "alerts: metrics are served");

  const running = alerts.run();
  try {
    const signal = await stopSignal();
    log.info({ signal }, "stopping: the evaluation in hand is finished");
    await alerts.stop();
    await running;
  } finally {
    health.close();
    ending.abort();
    await tracing.stop();
    await Promise.all([clickhouse.close(), reader.close()]);
  }
}

try {
  await main(alertsConfig(process.env), tracingConfig(process.env, "spanhouse-alerts"));
} catch (error) {
  process.stderr.write(`${error instanceof SpanhouseError ? `${error.code}: ${error.message}` : String(error)}\n`);
  process.exitCode = error instanceof SpanhouseError && error.code === "CONFIG" ? 2 : 1;
}
