import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { KeyAuthority } from "@spanhouse/store/api-keys";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createProjectReader, type ProjectReader, type ReadLimits } from "@spanhouse/store/readers/project-reader";
import type { FastifyReply, FastifyRequest } from "fastify";

/** What a request may read: the project of its key, until the client goes. */
export interface Access {
  readonly project: string;
  readonly reader: ProjectReader;
}

export interface AccessParts {
  /** A user who may only read. */
  readonly clickhouse: ClickHouse;
  readonly keys: KeyAuthority;
  readonly limits: ReadLimits;
}

/** Rejects with KEY_MISSING, KEY_UNKNOWN, KEY_SCOPE or STORE_UNAVAILABLE. */
export type GrantAccess = (request: FastifyRequest, reply: FastifyReply) => Promise<Access>;

export function createAccess({ clickhouse, keys, limits }: AccessParts): GrantAccess {
  return async function grantAccess(request, reply) {
    const project = await readableProject(request, keys);
    const gone = new AbortController();
    reply.raw.once("close", () => {
      if (!reply.raw.writableFinished) gone.abort();
    });
    return { project, reader: createProjectReader(clickhouse, limits, project, gone.signal) };
  };
}

/** The project of the key of `Authorization: Bearer`, else of `x-api-key`. */
async function readableProject({ headers }: FastifyRequest, keys: KeyAuthority): Promise<string> {
  const other = headers["x-api-key"];
  const key =
    /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1] ?? (typeof other === "string" ? other : undefined);
  const found = await keys.authenticate(key);
  switch (found.kind) {
    case "granted":
      if (found.scopes.includes("read")) return found.project;
      throw new SpanhouseError("KEY_SCOPE", `The key has the scopes ${found.scopes.join(", ")}; expected read.`);
    case "missing":
      throw new SpanhouseError("KEY_MISSING", "Expected an API key as Authorization: Bearer KEY or x-api-key: KEY.");
    case "unknown":
      throw new SpanhouseError("KEY_UNKNOWN", "The API key is unknown, expired or revoked.");
    case "unavailable":
      throw new SpanhouseError("STORE_UNAVAILABLE", found.message);
  }
}
