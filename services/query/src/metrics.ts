import { Histogram, type Registry } from "prom-client";

export interface QueryMetrics {
  readonly registry: Registry;
  /** By the route's pattern, never by its parameters. */
  readonly requestSeconds: Histogram<"route" | "status">;
}

export function createQueryMetrics(registry: Registry): QueryMetrics {
  return {
    registry,
    requestSeconds: new Histogram({
      name: "spanhouse_query_request_seconds",
      help: "Time until a request of the query API was answered, by route and HTTP status.",
      labelNames: ["route", "status"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers: [registry],
    }),
  };
}
