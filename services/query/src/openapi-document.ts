import { createClickHouse } from "@spanhouse/store/clickhouse";
import { defaultReadLimits } from "@spanhouse/store/readers/project-reader";
import { untraced } from "@spanhouse/tracing/tracing";
import { pino } from "pino";
import { Registry } from "prom-client";
import { createQueryApi } from "./app.ts";
import { createQueryMetrics } from "./metrics.ts";

/** What `/openapi.json` answers, as it is checked in. Nothing is connected to. */
export async function openApiDocument(): Promise<string> {
  const clickhouse = createClickHouse({ url: "http://127.0.0.1:8123", database: "spanhouse" });
  const api = createQueryApi({
    tracer: untraced(),
    clickhouse,
    keys: { authenticate: async () => ({ kind: "missing" }) },
    limits: defaultReadLimits,
    metrics: createQueryMetrics(new Registry()),
    log: pino({ level: "silent" }),
    admin: { clickhouse, operatorProject: "default", previewPrices: async () => [] },
    replayRule: async () => [],
    oidc: {
      ...{ issuer: new URL("https://id.example"), clientId: "", clientSecret: "", scope: "openid" },
      ...{ publicUrl: new URL("https://spanhouse.example"), roles: [], sessionSecret: "" },
    },
  });
  await api.ready();
  const document = api.swagger();
  await Promise.all([api.close(), clickhouse.close()]);
  return `${JSON.stringify(document, null, 2)}\n`;
}
