import { newSessionSchema, sessionSchema } from "@spanhouse/schemas/api/session";
import type { KeyAuthority } from "@spanhouse/store/api-keys";
import { z } from "zod";
import { type GrantedKey, requireKey } from "../access.ts";
import type { Person } from "../oidc/session-authority.ts";
import { requireOwnOrigin, sessionCookie, sessionKey, sessionSeconds } from "../session.ts";
import { rfc3339 } from "../time-range.ts";
import { problems, type RouteParts, type ZodFastify } from "./route.ts";

/** What a session's cookie holds where it is a person, not a key. */
export type PersonOf = (session: string | undefined) => Promise<Person | undefined>;

export function describedSession(granted: GrantedKey, person: Person | undefined, now: () => number) {
  const { project, scopes } = granted;
  return {
    ...{ project, scopes: [...scopes], now: rfc3339(BigInt(now()) * 1_000_000n) },
    ...{ user: person?.name ?? null, projects: person ? Object.keys(person.roles).sort() : [project] },
  };
}

/** The viewer's log-in. */
export function routeSession(
  app: ZodFastify,
  { keyOf, now }: RouteParts,
  keys: KeyAuthority,
  personOf: PersonOf,
): void {
  app.route({
    method: "GET",
    url: "/v1/session",
    schema: {
      operationId: "getSession",
      summary: "What the key or person of the request may do",
      querystring: z.strictObject({}),
      response: { 200: sessionSchema, ...problems },
    },
    async handler(request) {
      const granted = await keyOf(request);
      const person = granted.keyId.startsWith("oidc:") ? await personOf(sessionKey(request)) : undefined;
      return describedSession(granted, person, now);
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
      const granted = await requireKey(keys, key, "read");
      reply.setCookie(sessionCookie, key, {
        ...{ path: "/", httpOnly: true, sameSite: "strict", maxAge: sessionSeconds },
        secure: request.protocol === "https",
      });
      return describedSession(granted, undefined, now);
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
