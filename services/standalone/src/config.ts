import { alertsVariables } from "@spanhouse/alerts/config";
import { derivationOptions, derivationVariables } from "@spanhouse/consumer/config";
import type { DerivationOptions } from "@spanhouse/consumer/derivation";
import { type OidcConfig, oidcConfig, oidcVariables } from "@spanhouse/query/oidc/config";
import { type ReplayModelConfig, replayModel, replayModelVariables } from "@spanhouse/query/replay-model/config";
import { suggestionModel, suggestionVariables } from "@spanhouse/query/suggestions/config";
import type { SuggestionModelConfig } from "@spanhouse/query/suggestions/suggestion-model";
import type { Environment } from "@spanhouse/schemas/environment";
import { parseEnvironment, portNumber } from "@spanhouse/schemas/environment";
import type { ClickHouseOptions } from "@spanhouse/store/clickhouse";
import { clickHouseOptions, clickHouseVariables } from "@spanhouse/store/environment";
import { limitVariables, usualLimits } from "@spanhouse/store/limits/environment";
import type { ProjectLimits } from "@spanhouse/store/limits/project-limits";
import { z } from "zod";

export interface StandaloneConfig {
  readonly host: string;
  readonly gatewayPort: number;
  readonly grpcPort: number;
  readonly queryPort: number;
  readonly dataDir: string;
  /** Undefined: the embedded server. */
  readonly clickhouse: ClickHouseOptions | undefined;
  readonly derivation: DerivationOptions;
  readonly projectLimits: ProjectLimits;
  /** Undefined: no suggestions. */
  readonly suggestions: SuggestionModelConfig | undefined;
  /** Undefined: calls that were not recorded are not answered. */
  readonly replayModel: ReplayModelConfig | undefined;
  readonly alerts: { readonly file: string; readonly patience: number; readonly viewerUrl: string | undefined };
  readonly logLevel: string;
  /** Where people log in; undefined: by a key alone. */
  readonly oidc: OidcConfig | undefined;
}

const variables = z.object({
  ...clickHouseVariables,
  ...derivationVariables,
  ...limitVariables,
  ...oidcVariables,
  ...suggestionVariables,
  ...replayModelVariables,
  ...alertsVariables,
  SPANHOUSE_CLICKHOUSE_URL: clickHouseVariables.SPANHOUSE_CLICKHOUSE_URL.optional(),
  SPANHOUSE_HOST: z.string().default("127.0.0.1"),
  SPANHOUSE_GATEWAY_PORT: portNumber().default(4318),
  SPANHOUSE_GATEWAY_GRPC_PORT: portNumber().default(4317),
  SPANHOUSE_QUERY_PORT: portNumber().default(7070),
  SPANHOUSE_DATA: z.string().default(".spanhouse"),
  SPANHOUSE_LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug"]).default("warn"),
});

/** Throws CONFIG naming every variable that is wrong and what it should be. */
export function standaloneConfig(environment: Environment): StandaloneConfig {
  const values = parseEnvironment(variables, environment);
  const { SPANHOUSE_CLICKHOUSE_URL: url } = values;
  return {
    host: values.SPANHOUSE_HOST,
    gatewayPort: values.SPANHOUSE_GATEWAY_PORT,
    grpcPort: values.SPANHOUSE_GATEWAY_GRPC_PORT,
    queryPort: values.SPANHOUSE_QUERY_PORT,
    dataDir: values.SPANHOUSE_DATA,
    clickhouse: url === undefined ? undefined : clickHouseOptions({ ...values, SPANHOUSE_CLICKHOUSE_URL: url }),
    derivation: derivationOptions(values),
    projectLimits: usualLimits(values),
    suggestions: suggestionModel(values),
    replayModel: replayModel(values),
    alerts: {
      file: values.SPANHOUSE_ALERTS_FILE,
      patience: values.SPANHOUSE_ALERTS_PATIENCE_SECONDS,
      viewerUrl: values.SPANHOUSE_ALERTS_VIEWER_URL,
    },
    logLevel: values.SPANHOUSE_LOG_LEVEL,
    oidc: oidcConfig(values),
  };
}
