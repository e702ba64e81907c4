import { replayRule } from "@spanhouse/alerts/replay";
import { loadDerivationParts, presentDerivation } from "@spanhouse/consumer/derivation";
import { createPricePreview } from "@spanhouse/consumer/maintenance/price-preview";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { stopSignal } from "@spanhouse/schemas/stop-signal";
import { uptime } from "@spanhouse/schemas/uptime";
import { createApiKeys, createKeyCache } from "@spanhouse/store/api-keys";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { installationId } from "@spanhouse/store/installation";
import { rememberingUse } from "@spanhouse/store/key-uses";
import { type TracingConfig, tracingConfig } from "@spanhouse/tracing/config";
import { startTracing } from "@spanhouse/tracing/tracing";
import { pino } from "pino";
import { collectDefaultMetrics, Registry } from "prom-client";
import { createQueryApi } from "./app.ts";
import { type QueryConfig, queryConfig } from "./config.ts";
import { createQueryMetrics } from "./metrics.ts";
import { createServerReplayModel } from "./replay-model/server-replay-model.ts";
import { createSuggestionModel } from "./suggestions/suggestion-model.ts";

async function main(config: QueryConfig, tracingOptions: TracingConfig | undefined) {
  const {
    host,
    port,
    clickhouse: options,
    keyRefreshMs,
    limits,
    usualLimits,
    viewerDir,
    operatorProject,
    suggestions,
  } = config;
  const log = pino();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const clickhouse = createClickHouse({ ...options, settings: { readonly: "2" } });
  // Admin routes alone write: where the user may not, they fail and all else works.
  const writer = createClickHouse({ ...options, maxConnections: 2 });
  const derivation = await loadDerivationParts(config.derivation);
  const previewPrices = createPricePreview(derivation, clickhouse);
  const presentDerive = async () => (await presentDerivation(derivation, clickhouse)).derive;
  const admin = { clickhouse: writer, operatorProject, previewPrices };
  const known = createKeyCache(createApiKeys(clickhouse), { refreshMs: keyRefreshMs, now: Date.now, uptime });
  const keys = rememberingUse(known, writer, {
    ...{ everyMs: 60_000, now: Date.now, uptime },
    log: (message, detail) => log.warn(detail, message),
  });
  const ending = new AbortController();
  const tracing = startTracing({
    config: tracingOptions,
    installation: () => installationId(writer, ending.signal),
    log: (message, detail) => log.warn(detail, message),
  });
  const api = createQueryApi({
    clickhouse,
    keys,
    limits,
    metrics: createQueryMetrics(registry),
    tracer: tracing.tracer,
    log,
    viewerDir,
    usualLimits,
    admin,
    oidc: config.oidc,
    suggest: suggestions && createSuggestionModel(suggestions),
    replayModel: config.replayModel && createServerReplayModel(config.replayModel, presentDerive),
    replayRule,
  });
  await api.listen({ host, port });

  const signal = await stopSignal();
  log.info({ signal }, "stopping: requests under way are finished");
  await api.close();
  ending.abort();
  await tracing.stop();
  await Promise.all([clickhouse.close(), writer.close()]);
}

try {
  await main(queryConfig(process.env), tracingConfig(process.env, "spanhouse-query"));
} catch (error) {
  process.stderr.write(`${error instanceof SpanhouseError ? `${error.code}: ${error.message}` : String(error)}\n`);
  process.exitCode = error instanceof SpanhouseError && error.code === "CONFIG" ? 2 : 1;
}
