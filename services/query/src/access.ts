import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { ApiKeyScope, Authentication, KeyAuthority } from "@spanhouse/store/api-keys";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createProjectReader, type ProjectReader, type ReadLimits } from "@spanhouse/store/readers/project-reader";
import type { FastifyReply, FastifyRequest } from "fastify";
import { requireOwnOrigin, sessionKey } from "./session.ts";

/** What a request may read: the project of its key, until the client goes. */
export interface Access {
  readonly project: string;
  readonly reader: ProjectReader;
  /** For answers that go on: a reader with limits of its own, for the next step. */
  nextReader(): ProjectReader;
  /** Aborts when the client goes before its answer is whole. */
  readonly gone: AbortSignal;
}

export interface AccessParts {
  /** A user who may only read. */
  readonly clickhouse: ClickHouse;
  readonly keys: KeyAuthority;
  readonly limits: ReadLimits;
}

export type GrantedKey = Extract<Authentication, { readonly kind: "granted" }>;

/** Rejects with KEY_MISSING, KEY_UNKNOWN, KEY_SCOPE, CROSS_ORIGIN or STORE_UNAVAILABLE. */
export type KeyOf = (request: FastifyRequest, scope?: ApiKeyScope) => Promise<GrantedKey>;

/** Rejects as `KeyOf` does. */
export type GrantAccess = (request: FastifyRequest, reply: FastifyReply) => Promise<Access>;

/** The key of `Authorization: Bearer`, else of `x-api-key`, else of the viewer's session: of a person, or a key. */
export function createKeyOf(keys: KeyAuthority, sessions: KeyAuthority = keys): KeyOf {
  return async function keyOf(request, scope = "read") {
    const { headers, method } = request;
    const other = headers["x-api-key"];
    const sent =
      /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1] ?? (typeof other === "string" ? other : undefined);
    // Only a cookie is sent without anybody's meaning to.
    if (sent === undefined && method !== "GET" && method !== "HEAD") requireOwnOrigin(request);
    if (sent !== undefined) return requireKey(keys, sent, scope);
    return requireKey(sessions, sessionKey(request), scope);
  };
}

export function createAccess(
  { clickhouse, limits }: AccessParts,
  keyOf: KeyOf,
  scope: ApiKeyScope = "read",
): GrantAccess {
  return async function grantAccess(request, reply) {
    const { project } = await keyOf(request, scope);
    const gone = new AbortController();
    reply.raw.once("close", () => {
      if (!reply.raw.writableFinished) gone.abort();
    });
    const nextReader = () => createProjectReader(clickhouse, limits, project, gone.signal);
    return { project, reader: nextReader(), nextReader, gone: gone.signal };
  };
}

/** Rejects with KEY_MISSING, KEY_UNKNOWN, KEY_SCOPE or STORE_UNAVAILABLE. */
export async function requireKey(keys: KeyAuthority, key: string | undefined, scope: ApiKeyScope): Promise<GrantedKey> {
  const found = await keys.authenticate(key);
  switch (found.kind) {
    case "granted":
      if (found.scopes.includes(scope)) return found;
      throw new SpanhouseError("KEY_SCOPE", `The key has the scopes ${found.scopes.join(", ")}; expected ${scope}.`);
    case "missing":
      throw new SpanhouseError("KEY_MISSING", "Expected an API key as Authorization: Bearer KEY or x-api-key: KEY.");
    case "unknown":
      throw new SpanhouseError("KEY_UNKNOWN", "The API key is unknown, expired or revoked.");
    case "unavailable":
      throw new SpanhouseError("STORE_UNAVAILABLE", found.message);
  }
}
