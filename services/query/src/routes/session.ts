import { newSessionSchema, sessionSchema } from "@spanhouse/schemas/api/session";
import type { KeyAuthority } from "@spanhouse/store/api-keys";
import { z } from "zod";
import { requireKey } from "../access.ts";
import { requireOwnOrigin, sessionCookie, sessionSeconds } from "../session.ts";
import { rfc3339 } from "../time-range.ts";
import { problems, type RouteParts, type ZodFastify } from "./route.ts";

/** The viewer's log-in. */
export function routeSession(app: ZodFastify, { keyOf, now }: RouteParts, keys: KeyAuthority): void {
  const described = (project: string, scopes: readonly ("ingest" | "read" | "admin")[]) => ({
    ...{ project, scopes: [...scopes] },
    now: rfc3339(BigInt(now()) * 1_000_000n),
  });

  app.route({
    method: "GET",
    url: "/v1/session",
    schema: {
      operationId: "getSession",
      summary: "What the key of the request may do",
      querystring: z.strictObject({}),
      response: { 200: sessionSchema, ...problems },
    },
    async handler(request) {
      const { project, scopes } = await keyOf(request);
      return described(project, scopes);
    },
  });

  app.route({
    method: "POST",
    url: "/v1/session",
    schema: {
      operationId: "createSession",
      summary: "Log in: the key goes into a cookie that pages can't read",
      security: [],
      body: newSessionSchema,
      response: { 200: sessionSchema, ...problems },
    },
    async handler(request, reply) {
      requireOwnOrigin(request);
      const { key } = request.body;
      const { project, scopes } = await requireKey(keys, key, "read");
      reply.setCookie(sessionCookie, key, {
        ...{ path: "/", httpOnly: true, sameSite: "strict", maxAge: sessionSeconds },
        secure: request.protocol === "https",
      });
      return described(project, scopes);
    },
  });

  app.route({
    method: "DELETE",
    url: "/v1/session",
    schema: {
      operationId: "deleteSession",
      summary: "Log out",
      security: [],
      response: { 204: z.null().describe("no session any more"), ...problems },
    },
    async handler(request, reply) {
      requireOwnOrigin(request);
      return reply.clearCookie(sessionCookie, { path: "/" }).code(204).send(null);
    },
  });
}
