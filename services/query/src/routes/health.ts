import { healthSchema } from "@spanhouse/schemas/api/health";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { problems, type ZodFastify } from "./route.ts";

export function routeHealth(app: ZodFastify, clickhouse: ClickHouse): void {
  app.route({
    method: "GET",
    url: "/health/live",
    schema: {
      operationId: "getLive",
      summary: "Whether the process answers",
      security: [],
      response: { 200: healthSchema },
    },
    handler: async () => ({ status: "live" as const }),
  });

  app.route({
    method: "GET",
    url: "/health/ready",
    schema: {
      operationId: "getReady",
      summary: "Whether questions can be answered now",
      security: [],
      response: { 200: healthSchema, 503: problems[503] },
    },
    async handler() {
      if (await clickhouse.ping()) return { status: "ready" as const };
      throw new SpanhouseError("STORE_UNAVAILABLE", "ClickHouse does not answer.");
    },
  });
}
