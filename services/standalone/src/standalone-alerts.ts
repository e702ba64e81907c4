import type { Tracer } from "@opentelemetry/api";
import type { AlertsFile } from "@spanhouse/alerts/alerts-file";
import { type Alerts, createAlerts } from "@spanhouse/alerts/app";
import { defaultWaiting } from "@spanhouse/alerts/due-minutes";
import { createAlertsMetrics } from "@spanhouse/alerts/metrics";
import { createCheckpointWatermark, type Watermark } from "@spanhouse/alerts/watermark";
import type { SpanSubscriber } from "@spanhouse/bus/bus";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import type { Lease } from "@spanhouse/store/leases";
import { defaultReadLimits } from "@spanhouse/store/readers/project-reader";
import type { Logger } from "pino";
import type { Registry } from "prom-client";

export interface StandaloneAlertsOptions {
  /** Path of the file of receivers and rules; empty: none but the API's rules. */
  readonly file: string;
  /** How long a minute is waited for, s. */
  readonly patience: number;
  /** Where people open the viewer; undefined: at the query API. */
  readonly viewerUrl: string | undefined;
  readonly lease: Lease;
}

interface StandaloneAlertsParts extends Omit<StandaloneAlertsOptions, "file"> {
  readonly file: AlertsFile;
  readonly clickhouse: ClickHouse;
  readonly reader: ClickHouse;
  readonly bus: Pick<SpanSubscriber, "lag">;
  readonly queryUrl: string;
  readonly registry: Registry;
  readonly tracer: Tracer;
  readonly log: Logger;
}

/** Between two looks at what is due, ms. */
const tickMs = 2_000;

/** The alert service over the embedded bus. */
export function createStandaloneAlerts({
  clickhouse,
  reader,
  bus,
  file,
  patience,
  lease,
  viewerUrl,
  queryUrl,
  registry,
  tracer,
  log,
}: StandaloneAlertsParts): Alerts {
  return createAlerts({
    ...{ clickhouse, reader, file, lease, tickMs, limits: defaultReadLimits, viewerUrl: viewerUrl ?? queryUrl },
    watermark: standaloneWatermark(clickhouse, bus),
    waiting: { ...defaultWaiting, patience },
    metrics: createAlertsMetrics(registry),
    tracer,
    now: Date.now,
    log: (message, detail) => log.info(detail, message),
  });
}

/** What was accepted is rolled up when nothing is under way; else up to the last checkpoint. */
function standaloneWatermark(clickhouse: ClickHouse, bus: StandaloneAlertsParts["bus"]): Watermark {
  const checkpointWatermark = createCheckpointWatermark(clickhouse);
  return async function watermark() {
    const asked = Date.now() / 1000;
    const behind = [...(await bus.lag()).values()].some((records) => records > 0n);
    return behind ? checkpointWatermark() : asked;
  };
}
