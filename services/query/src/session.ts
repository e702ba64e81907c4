import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { FastifyRequest } from "fastify";

/**
 * The viewer's session is a cookie that holds the key: no state of ours, and a revoked key ends it. Pages can't read it
 * (HttpOnly), and no other site's request carries it (SameSite=Strict).
 */
export const sessionCookie = "spanhouse_session";

/** For so long a browser keeps it, seconds. */
export const sessionSeconds = 7 * 24 * 3600;

export function sessionKey({ cookies }: FastifyRequest): string | undefined {
  return cookies[sessionCookie] || undefined;
}

/**
 * Whether a request that changes something was made by a page of this server: what a browser says of its origin, and
 * programs have no reason to forge. Throws CROSS_ORIGIN.
 */
export function requireOwnOrigin({ headers, host }: FastifyRequest): void {
  const site = headers["sec-fetch-site"];
  const origin = headers.origin;
  const own =
    (site === undefined || site === "same-origin" || site === "none") &&
    (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host));
  if (!own) {
    throw new SpanhouseError("CROSS_ORIGIN", `A page of ${String(origin ?? site)} asked; expected one of ${host}.`);
  }
}
