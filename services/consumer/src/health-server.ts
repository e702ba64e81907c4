import { problemContentType, problemOf } from "@spanhouse/schemas/api/problem";
import { type ConnectionLimits, serverOptions, watchersLimits } from "@spanhouse/schemas/connection-limits";
import Fastify, { type FastifyInstance } from "fastify";
import type { Registry } from "prom-client";

/** `/metrics`, `/health/live` and `/health/ready` of a service that answers nothing else. */
export function createHealthServer(
  registry: Registry,
  ready: () => Promise<boolean>,
  limits: ConnectionLimits = watchersLimits,
): FastifyInstance {
  const server = Fastify({ requestTimeout: limits.requestTimeoutMs, http: serverOptions(limits) });
  server.server.maxConnections = limits.maxConnections;
  server.get("/metrics", async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  server.get("/health/live", async () => ({ status: "live" }));
  server.get("/health/ready", async (_request, reply) => {
    if (await ready()) return { status: "ready" };
    const problem = problemOf("STORE_UNAVAILABLE", "ClickHouse does not answer.");
    return reply.code(problem.status).type(problemContentType).send(problem);
  });
  return server;
}
