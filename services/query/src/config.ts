import { resolve } from "node:path";
import { derivationOptions, derivationVariables } from "@spanhouse/consumer/config";
import type { DerivationOptions } from "@spanhouse/consumer/derivation";
import { type Environment, parseEnvironment, portNumber, wholeNumber } from "@spanhouse/schemas/environment";
import type { ClickHouseOptions } from "@spanhouse/store/clickhouse";
import { clickHouseOptions, clickHouseVariables } from "@spanhouse/store/environment";
import { limitVariables, usualLimits } from "@spanhouse/store/limits/environment";
import type { ProjectLimits } from "@spanhouse/store/limits/project-limits";
import { defaultReadLimits, type ReadLimits } from "@spanhouse/store/readers/project-reader";
import { z } from "zod";
import { type OidcConfig, oidcConfig, oidcVariables } from "./oidc/config.ts";
import { type ReplayModelConfig, replayModel, replayModelVariables } from "./replay-model/config.ts";
import { suggestionModel, suggestionVariables } from "./suggestions/config.ts";
import type { SuggestionModelConfig } from "./suggestions/suggestion-model.ts";

export interface QueryConfig {
  readonly host: string;
  readonly port: number;
  /** A user who may only read. */
  readonly clickhouse: ClickHouseOptions;
  /** A revoked key stops working after at most this long. */
  readonly keyRefreshMs: number;
  readonly limits: ReadLimits;
  /** What gateways let projects send that have no limits of their own. */
  readonly usualLimits: ProjectLimits;
  /** Where the viewer's files lie; undefined: the API alone. */
  readonly viewerDir: string | undefined;
  /** As the consumers have it: what a price rule would change is computed by it. */
  readonly derivation: DerivationOptions;
  /** The project whose admins make projects. */
  readonly operatorProject: string;
  readonly oidc: OidcConfig | undefined;
  /** Undefined: no suggestions. */
  readonly suggestions: SuggestionModelConfig | undefined;
  /** Undefined: calls that were not recorded are not answered. */
  readonly replayModel: ReplayModelConfig | undefined;
}

const variables = z.object({
  SPANHOUSE_QUERY_HOST: z.string().default("0.0.0.0"),
  SPANHOUSE_QUERY_PORT: portNumber().default(7070),
  ...clickHouseVariables,
  ...limitVariables,
  ...derivationVariables,
  ...oidcVariables,
  SPANHOUSE_OPERATOR_PROJECT: z.string().default("default"),
  ...suggestionVariables,
  ...replayModelVariables,
  SPANHOUSE_QUERY_VIEWER_DIR: z.string().optional(),
  SPANHOUSE_QUERY_MAX_SECONDS: wholeNumber(1, 30, "seconds").default(defaultReadLimits.seconds),
  SPANHOUSE_QUERY_MAX_MEMORY_BYTES: wholeNumber(1024 ** 2, 4 * 1024 ** 3, "bytes").default(
    defaultReadLimits.memoryBytes,
  ),
  SPANHOUSE_QUERY_MAX_ROWS: wholeNumber(1, 1_000_000_000, "rows").default(defaultReadLimits.rows),
});

/** Throws CONFIG naming every variable that is wrong and what it should be. */
export function queryConfig(environment: Environment): QueryConfig {
  const values = parseEnvironment(variables, environment);
  return {
    host: values.SPANHOUSE_QUERY_HOST,
    port: values.SPANHOUSE_QUERY_PORT,
    clickhouse: clickHouseOptions(values),
    keyRefreshMs: 10_000,
    usualLimits: usualLimits(values),
    derivation: derivationOptions(values),
    operatorProject: values.SPANHOUSE_OPERATOR_PROJECT,
    oidc: oidcConfig(values),
    suggestions: suggestionModel(values),
    replayModel: replayModel(values),
    viewerDir: values.SPANHOUSE_QUERY_VIEWER_DIR && resolve(values.SPANHOUSE_QUERY_VIEWER_DIR),
    limits: {
      ...defaultReadLimits,
      seconds: values.SPANHOUSE_QUERY_MAX_SECONDS,
      memoryBytes: values.SPANHOUSE_QUERY_MAX_MEMORY_BYTES,
      rows: values.SPANHOUSE_QUERY_MAX_ROWS,
    },
  };
}
