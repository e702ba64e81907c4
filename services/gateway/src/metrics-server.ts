import { createServer, type Server } from "node:http";
import { type ConnectionLimits, serverOptions, watchersLimits } from "@spanhouse/schemas/connection-limits";
import type { Registry } from "prom-client";

/** Prometheus metrics on a port of their own, for networks where scrapers may not reach the public one. */
export function createMetricsServer(registry: Registry, limits: ConnectionLimits = watchersLimits): Server {
  const server = createServer(serverOptions(limits), async (request, response) => {
    if (request.method !== "GET" || request.url !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": registry.contentType }).end(await registry.metrics());
  });
  server.maxConnections = limits.maxConnections;
  return server;
}
