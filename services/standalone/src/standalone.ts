import { randomUUID } from "node:crypto";
import { readAlertsFile } from "@spanhouse/alerts/alerts-file";
import type { Alerts } from "@spanhouse/alerts/app";
import { replayRule } from "@spanhouse/alerts/replay";
import { createEmbeddedBus } from "@spanhouse/bus/embedded/embedded-bus";
import { createConsumer } from "@spanhouse/consumer/app";
import { defaultLimits as consumerLimits } from "@spanhouse/consumer/config";
import { createDeadLetterTable } from "@spanhouse/consumer/dead-letter-table";
import {
  createDerivation,
  type DerivationOptions,
  loadDerivationParts,
  presentDerivation,
} from "@spanhouse/consumer/derivation";
import { workOffErasures } from "@spanhouse/consumer/maintenance/erasure-loop";
import { createPricePreview } from "@spanhouse/consumer/maintenance/price-preview";
import { createConsumerMetrics } from "@spanhouse/consumer/metrics";
import { createGateway } from "@spanhouse/gateway/app";
import { defaultLimits as gatewayLimits } from "@spanhouse/gateway/config";
import { createGatewayMetrics } from "@spanhouse/gateway/metrics";
import { createQuotas, quotaRefreshMs } from "@spanhouse/gateway/quota/quotas";
import { createRedactor } from "@spanhouse/gateway/redaction/redactor";
import { createQueryApi } from "@spanhouse/query/app";
import { createQueryMetrics } from "@spanhouse/query/metrics";
import type { OidcConfig } from "@spanhouse/query/oidc/config";
import type { ReplayModelConfig } from "@spanhouse/query/replay-model/config";
import { createServerReplayModel } from "@spanhouse/query/replay-model/server-replay-model";
import { createSuggestionModel, type SuggestionModelConfig } from "@spanhouse/query/suggestions/suggestion-model";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { uptime } from "@spanhouse/schemas/uptime";
import { createApiKeys, createKeyCache } from "@spanhouse/store/api-keys";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createKnownInstallation, installationId } from "@spanhouse/store/installation";
import { rememberingUse } from "@spanhouse/store/key-uses";
import { createProjectLimits, type ProjectLimits } from "@spanhouse/store/limits/project-limits";
import { createQuotaUsage } from "@spanhouse/store/limits/quota-usage";
import { migrate } from "@spanhouse/store/migrate";
import { createProjects } from "@spanhouse/store/projects";
import { defaultReadLimits } from "@spanhouse/store/readers/project-reader";
import { createRedactionPolicies } from "@spanhouse/store/redaction-policies";
import { keepRetention } from "@spanhouse/store/retention/retention-loop";
import type { TracingConfig } from "@spanhouse/tracing/config";
import { startTracing } from "@spanhouse/tracing/tracing";
import type { Logger } from "pino";
import { collectDefaultMetrics, Registry } from "prom-client";
import { localKey } from "./local-key.ts";
import { createStandaloneAlerts, type StandaloneAlertsOptions } from "./standalone-alerts.ts";

export interface StandaloneParts {
  readonly clickhouse: ClickHouse;
  /** The same database as a user who may only read. */
  readonly reader: ClickHouse;
  readonly host: string;
  /** 0: any free one. */
  readonly gatewayPort: number;
  readonly grpcPort: number;
  readonly queryPort: number;
  /** Holds the key of this machine's own project. */
  readonly dataDir: string;
  /** Where the viewer's files lie; undefined: the API alone. */
  readonly viewerDir?: string | undefined;
  readonly derivation: DerivationOptions;
  /** Of projects that have none of their own. */
  readonly projectLimits: ProjectLimits;
  readonly oidc?: OidcConfig | undefined;
  /** Undefined: no suggestions. */
  readonly suggestions?: SuggestionModelConfig | undefined;
  /** Undefined: calls that were not recorded are not answered. */
  readonly replayModel?: ReplayModelConfig | undefined;
  readonly alerts: StandaloneAlertsOptions;
  /** Undefined: nothing is traced. */
  readonly tracing?: TracingConfig | undefined;
  readonly log: Logger;
}

export interface Standalone {
  readonly gatewayUrl: string;
  /** `host:port` for OTLP/gRPC. */
  readonly grpcAddress: string;
  readonly queryUrl: string;
  /** Scopes ingest and read, of project `default`. */
  readonly apiKey: string;
  /** Rejects when something that cannot heal ended the consumer. */
  readonly failed: Promise<never>;
  /** What was accepted is stored and rolled up when it resolves. */
  stop(): Promise<void>;
}

const hour = 3_600_000;
const erasuresEveryMs = 5_000;
const project = "default";
/** Answers come when the store has the spans: a short flush is a short request. */
const limits = { ...consumerLimits, flushMs: 150, rollMs: 2_000 };
const busLimits = { maxBytes: gatewayLimits.maxInflightBytes, maxRecordBytes: gatewayLimits.maxRecordBytes };

/**
 * Gateway, consumer, query API and alerts in one process, around the embedded bus. The store's lifetime is the caller's.
 * Throws CONFIG for a port that is taken, and leaves nothing running then.
 */
export async function startStandalone({ clickhouse, reader, log, ...parts }: StandaloneParts): Promise<Standalone> {
  await migrate(clickhouse);
  await createProjects(clickhouse).ensureProject(project);
  const apiKeys = createApiKeys(clickhouse);
  const apiKey = await localKey(apiKeys, parts.dataDir, project);
  const alertsFile = await readAlertsFile(parts.alerts.file);

  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const bus = createEmbeddedBus(busLimits);
  const keys = rememberingUse(createKeyCache(apiKeys, { refreshMs: 2_000, now: Date.now, uptime }), clickhouse, {
    ...{ everyMs: 60_000, now: Date.now, uptime },
    log: (message, detail) => log.warn(detail, message),
  });
  const ending = new AbortController();
  const { tracer, ...tracing } = startTracing({
    config: parts.tracing,
    installation: () => installationId(clickhouse, ending.signal),
    log: (message, detail) => log.warn(detail, message),
  });
  const derivation = await loadDerivationParts(parts.derivation);
  const consumer = createConsumer({
    clickhouse,
    subscriber: bus,
    deadLetters: createDeadLetterTable(clickhouse),
    derivation: createDerivation(derivation),
    cluster: "embedded",
    topicProject: project,
    limits,
    tracer,
    metrics: createConsumerMetrics(registry, () => bus.lag()),
    log: (message, detail) => log.info(detail ?? {}, message),
  });
  const quotas = createQuotas({
    table: createProjectLimits(clickhouse),
    usage: createQuotaUsage(clickhouse),
    usual: parts.projectLimits,
    gateway: randomUUID(),
    refreshMs: quotaRefreshMs,
    now: Date.now,
    uptime,
    log: (message, err) => log.warn({ err }, message),
  });
  const gateway = createGateway({
    publisher: bus,
    keys,
    quotas,
    redactor: createRedactor({ policies: createRedactionPolicies(clickhouse), refreshMs: 2_000, uptime }),
    limits: gatewayLimits,
    metrics: createGatewayMetrics(registry),
    tracer,
    installation: createKnownInstallation({ clickhouse, refreshMs: 60_000, uptime }),
    log,
  });
  const presentDerive = async () => (await presentDerivation(derivation, clickhouse)).derive;
  const query = createQueryApi({
    clickhouse: reader,
    keys,
    limits: defaultReadLimits,
    metrics: createQueryMetrics(registry),
    tracer,
    log,
    viewerDir: parts.viewerDir,
    usualLimits: parts.projectLimits,
    admin: { clickhouse, operatorProject: project, previewPrices: createPricePreview(derivation, clickhouse) },
    oidc: parts.oidc,
    suggest: parts.suggestions && createSuggestionModel(parts.suggestions),
    replayModel: parts.replayModel && createServerReplayModel(parts.replayModel, presentDerive),
    replayRule,
  });

  const failed = consumer.run().then(() => new Promise<never>(() => undefined));
  failed.catch(() => undefined);
  const loop = {
    ...{ clickhouse, signal: ending.signal },
    log: (message: string, detail: Readonly<Record<string, unknown>>) => log.info(detail, message),
  };
  const kept = Promise.all([
    keepRetention({ ...loop, intervalMs: hour }),
    workOffErasures({ ...loop, intervalMs: erasuresEveryMs }),
  ]);
  let alerts: Alerts | undefined;
  async function stop(): Promise<void> {
    await alerts?.stop();
    ending.abort();
    await kept;
    // In the order of the way of a span: what is accepted is worked off.
    await gateway.close();
    await consumer.stop();
    await query.close();
    await tracing.stop();
  }

  const { host } = parts;
  try {
    const gatewayUrl: string = await listen(gateway.http, host, parts.gatewayPort, "SPANHOUSE_GATEWAY_PORT");
    const grpcPort = await listen(gateway.grpc, host, parts.grpcPort, "SPANHOUSE_GATEWAY_GRPC_PORT");
    const queryUrl: string = await listen(query, host, parts.queryPort, "SPANHOUSE_QUERY_PORT");
    alerts = createStandaloneAlerts({
      clickhouse,
      reader,
      bus,
      registry,
      tracer,
      log,
      queryUrl,
      ...parts.alerts,
      file: alertsFile,
    });
    void alerts.run();
    return { gatewayUrl, grpcAddress: `${host}:${grpcPort}`, queryUrl, apiKey, failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Listener<Address> {
  listen(at: { readonly host: string; readonly port: number }): Promise<Address>;
}

async function listen<Address>(
  server: Listener<Address>,
  host: string,
  port: number,
  variable: string,
): Promise<Address> {
  try {
    return await server.listen({ host, port });
  } catch (cause) {
    const taken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    if (!taken) throw cause;
    throw new SpanhouseError("CONFIG", `${variable}: expected a free port; ${port} of ${host} is taken`, { cause });
  }
}
