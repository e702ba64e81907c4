import { type Environment, parseEnvironment, portNumber, wholeNumber } from "@spanhouse/schemas/environment";
import type { ClickHouseOptions } from "@spanhouse/store/clickhouse";
import { clickHouseOptions, clickHouseVariables } from "@spanhouse/store/environment";
import { defaultReadLimits, type ReadLimits } from "@spanhouse/store/readers/project-reader";
import { z } from "zod";
import { defaultWaiting, type Waiting } from "./due-minutes.ts";

export interface AlertsConfig {
  readonly clickhouse: ClickHouseOptions;
  /** Receivers and rules, YAML; empty: none. */
  readonly file: string;
  /** Where people open the viewer; undefined: notifications have no links. */
  readonly viewerUrl: string | undefined;
  readonly waiting: Waiting;
  readonly limits: ReadLimits;
  /** Another replica takes over when nothing was heard of this one for so long, ms. */
  readonly leaseMs: number;
  readonly tickMs: number;
  readonly metricsHost: string;
  readonly metricsPort: number;
}

/** What alerts are told of beside the store; a standalone has them too. */
export const alertsVariables = {
  SPANHOUSE_ALERTS_FILE: z.string().default(""),
  SPANHOUSE_ALERTS_VIEWER_URL: z
    .url({ protocol: /^https?$/, error: "an http or https URL" })
    .transform((url) => url.replace(/\/+$/, ""))
    .optional(),
  SPANHOUSE_ALERTS_PATIENCE_SECONDS: wholeNumber(10, 3600, "seconds").default(defaultWaiting.patience),
} as const;

const variables = z.object({
  ...clickHouseVariables,
  ...alertsVariables,
  SPANHOUSE_METRICS_HOST: z.string().default("0.0.0.0"),
  SPANHOUSE_METRICS_PORT: portNumber().default(9464),
});

/** Throws CONFIG naming every variable that is wrong and what it should be. */
export function alertsConfig(environment: Environment): AlertsConfig {
  const values = parseEnvironment(variables, environment);
  return {
    clickhouse: clickHouseOptions(values),
    file: values.SPANHOUSE_ALERTS_FILE,
    viewerUrl: values.SPANHOUSE_ALERTS_VIEWER_URL,
    waiting: { ...defaultWaiting, patience: values.SPANHOUSE_ALERTS_PATIENCE_SECONDS },
    limits: defaultReadLimits,
    leaseMs: 30_000,
    tickMs: 5_000,
    metricsHost: values.SPANHOUSE_METRICS_HOST,
    metricsPort: values.SPANHOUSE_METRICS_PORT,
  };
}
