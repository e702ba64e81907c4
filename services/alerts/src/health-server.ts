import { createServer, type Server } from "node:http";
import { type ConnectionLimits, serverOptions, watchersLimits } from "@spanhouse/schemas/connection-limits";
import type { Registry } from "prom-client";

/** `/metrics`, `/health/live` and `/health/ready` of a service that answers nothing else. */
export function createHealthServer(
  registry: Registry,
  ready: () => Promise<boolean>,
  limits: ConnectionLimits = watchersLimits,
): Server {
  const server = createServer(serverOptions(limits), async (request, response) => {
    const answer = (status: number, body: string, type = "application/json") =>
      response.writeHead(status, { "content-type": type }).end(body);
    if (request.method !== "GET") return answer(405, "{}");
    switch (request.url) {
      case "/metrics":
        return answer(200, await registry.metrics(), registry.contentType);
      case "/health/live":
        return answer(200, '{"status":"live"}');
      case "/health/ready":
        return (await ready()) ? answer(200, '{"status":"ready"}') : answer(503, '{"code":"STORE_UNAVAILABLE"}');
      default:
        return answer(404, '{"code":"NOT_FOUND"}');
    }
  });
  server.maxConnections = limits.maxConnections;
  return server;
}
