import {
  logInMethodsSchema,
  newSessionProjectSchema,
  oidcQuerySchema,
  sessionSchema,
} from "@spanhouse/schemas/api/session";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import { callbackPath, createOidcLogIn, type OidcOptions, pendingSeconds } from "../oidc/log-in.ts";
import { type Person, type PersonSessions, personSeconds } from "../oidc/session-authority.ts";
import type { SessionTokens } from "../oidc/session-tokens.ts";
import { sessionCookie, sessionKey } from "../session.ts";
import { problems, type RouteParts, type ZodFastify } from "./route.ts";
import { describedSession } from "./session.ts";

export interface OidcParts {
  readonly options: OidcOptions;
  readonly tokens: SessionTokens;
  readonly sessions: PersonSessions;
}

const pendingCookie = "spanhouse_log_in";

/** How people may log in; without OIDC by a key alone. */
export function routeLogInMethods(app: ZodFastify, oidc: boolean): void {
  app.route({
    method: "GET",
    url: "/v1/session/methods",
    schema: {
      operationId: "getLogInMethods",
      summary: "How to log in to the viewer",
      security: [],
      querystring: z.strictObject({}),
      response: { 200: logInMethodsSchema, ...problems },
    },
    handler: async () => ({ key: true as const, oidc: oidc ? "/v1/session/oidc" : null }),
  });
}

/** The viewer's log-in by OpenID Connect. */
export function routeSessionOidc(
  app: ZodFastify,
  { now, keyOf }: RouteParts,
  { options, tokens, sessions }: OidcParts,
): void {
  const logIn = createOidcLogIn(options, tokens);
  const secure = options.publicUrl.protocol === "https:";

  async function setSession(reply: Pick<FastifyReply, "setCookie">, person: Person): Promise<void> {
    reply.setCookie(sessionCookie, await sessions.seal(person), {
      ...{ path: "/", httpOnly: true, sameSite: "strict", maxAge: personSeconds, secure },
    });
  }

  app.route({
    method: "GET",
    url: "/v1/session/oidc",
    schema: { hide: true, querystring: oidcQuerySchema },
    async handler(request, reply) {
      const { url, pending } = await logIn.begin(request.query.return_to);
      // Lax: the provider's page sends the browser back, which a strict cookie would not bear.
      reply.setCookie(pendingCookie, pending, {
        ...{ path: callbackPath, httpOnly: true, sameSite: "lax", maxAge: pendingSeconds, secure },
      });
      return reply.redirect(url.href, 303);
    },
  });

  app.route({
    method: "GET",
    url: callbackPath,
    schema: { hide: true },
    async handler(request, reply) {
      reply.clearCookie(pendingCookie, { path: callbackPath });
      const { person, returnTo } = await logIn.finish(request.url, request.cookies[pendingCookie]);
      await setSession(reply, person);
      request.log.info({ subject: person.sub, roles: person.roles }, "logged in");
      return reply.redirect(returnTo, 303);
    },
  });

  app.route({
    method: "PUT",
    url: "/v1/session",
    schema: {
      operationId: "setSessionProject",
      summary: "Look at another project that the person who is logged in has a role in",
      body: newSessionProjectSchema,
      response: { 200: sessionSchema, ...problems },
    },
    async handler(request, reply) {
      await keyOf(request);
      const person = await sessions.personOf(sessionKey(request));
      const { project } = request.body;
      if (!person || !(project in person.roles)) {
        throw new SpanhouseError("KEY_SCOPE", `The session has no role in project ${JSON.stringify(project)}.`);
      }
      const moved = { ...person, project };
      await setSession(reply, moved);
      const found = await sessions.authenticate(await sessions.seal(moved));
      if (found.kind !== "granted") throw new SpanhouseError("KEY_SCOPE", "The session has no role there.");
      return describedSession(found, moved, now);
    },
  });
}
