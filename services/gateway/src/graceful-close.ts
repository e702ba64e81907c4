import type { FastifyInstance } from "fastify";

/**
 * Makes `app.close()` wait for requests that are being answered and for nothing else: connections that are kept alive,
 * or still send what nobody reads, end with the last answer; requests that take longer than `graceMs` are cut.
 */
export function closeGracefully(app: FastifyInstance, graceMs: number): void {
  let active = 0;
  let closing = false;

  app.addHook("onRequest", (_request, _reply, next) => {
    active++;
    next();
  });
  app.addHook("onResponse", (_request, _reply, next) => {
    active--;
    if (closing && active === 0) app.server.closeAllConnections();
    next();
  });
  app.addHook("preClose", (next) => {
    closing = true;
    const grace = setTimeout(() => app.server.closeAllConnections(), graceMs);
    app.server.once("close", () => clearTimeout(grace));
    if (active === 0) app.server.closeAllConnections();
    next();
  });
}
