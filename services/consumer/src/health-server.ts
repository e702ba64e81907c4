import Fastify, { type FastifyInstance } from "fastify";
import type { Registry } from "prom-client";

/** `/metrics`, `/health/live` and `/health/ready` of a service that answers nothing else. */
export function createHealthServer(registry: Registry, ready: () => Promise<boolean>): FastifyInstance {
  const server = Fastify();
  server.get("/metrics", async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  server.get("/health/live", async () => ({ status: "ok" }));
  server.get("/health/ready", async (_request, reply) => {
    const ok = await ready();
    return reply.code(ok ? 200 : 503).send({ status: ok ? "ok" : "unavailable" });
  });
  return server;
}
