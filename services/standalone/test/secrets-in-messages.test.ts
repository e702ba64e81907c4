import { alertsConfig } from "@spanhouse/alerts/config";
import { consumerConfig } from "@spanhouse/consumer/config";
import { gatewayConfig } from "@spanhouse/gateway/config";
import { queryConfig } from "@spanhouse/query/config";
import type { Environment } from "@spanhouse/schemas/environment";
import { tracingConfig } from "@spanhouse/tracing/config";
import { describe, expect, test } from "vitest";
import { backupDestination } from "../src/backup-destination.ts";
import { standaloneConfig } from "../src/config.ts";

const secret = "s3cr3t value://x:y@";
const good: Environment = {
  SPANHOUSE_CLICKHOUSE_URL: "http://127.0.0.1:8123",
  SPANHOUSE_KAFKA_BROKERS: "127.0.0.1:9092",
  OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
};

/** What people put a secret into: passwords, keys, and addresses that carry one. */
const variables = [
  ...["SPANHOUSE_CLICKHOUSE_URL", "SPANHOUSE_CLICKHOUSE_PASSWORD", "SPANHOUSE_CLICKHOUSE_NODES"],
  ...["SPANHOUSE_KAFKA_PASSWORD", "SPANHOUSE_KAFKA_OAUTH_CLIENT_SECRET"],
  ...["SPANHOUSE_KAFKA_OAUTH_TOKEN_URL", "SPANHOUSE_KAFKA_TLS_KEY_FILE", "SPANHOUSE_SESSION_SECRET"],
  ...["SPANHOUSE_OIDC_CLIENT_SECRET", "SPANHOUSE_OIDC_ISSUER", "SPANHOUSE_PUBLIC_URL", "SPANHOUSE_SUGGEST_KEY"],
  ...["SPANHOUSE_SUGGEST_URL", "SPANHOUSE_REPLAY_MODEL_KEY", "SPANHOUSE_REPLAY_MODEL_URL"],
  ...["SPANHOUSE_ALERTS_VIEWER_URL", "SPANHOUSE_BACKUP_DESTINATION"],
  ...["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"],
] as const;

describe.each([
  ["the gateway", gatewayConfig],
  ["a consumer", consumerConfig],
  ["the query API", queryConfig],
  ["alerts", alertsConfig],
  ["standalone", standaloneConfig],
  ["tracing", (environment: Environment) => tracingConfig(environment, "spanhouse")],
  ["a backup", (environment: Environment) => backupDestination(environment, "nightly")],
])("%s, misconfigured", (_, configure) => {
  test.each(variables)("names %s and not what it holds", (name) => {
    const message = said(() => configure({ ...good, [name]: secret }));
    if (message === "") return;
    expect(message).toContain(name.replace(/_(PASSWORD|KEY|SECRET).*/, ""));
    expect(message).not.toContain("s3cr3t");
  });
});

function said(call: () => unknown): string {
  try {
    call();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
