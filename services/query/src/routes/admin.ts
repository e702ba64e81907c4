import {
  adminKeysSchema,
  auditQuerySchema,
  auditSchema,
  createdKeySchema,
  keyParamsSchema,
  newKeySchema,
  projectSchema,
} from "@spanhouse/schemas/api/admin";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { ApiKeys } from "@spanhouse/store/api-keys";
import type { Audit } from "@spanhouse/store/audit";
import type { Projects } from "@spanhouse/store/projects";
import { readAuditEntries } from "@spanhouse/store/readers/audit-entries";
import { z } from "zod";
import { rfc3339, unixNano } from "../time-range.ts";
import { notFound, problems, type RouteParts, type ZodFastify } from "./route.ts";

/** What changes a project: of a store's user who may write. */
export interface AdminParts {
  readonly apiKeys: ApiKeys;
  readonly projects: Pick<Projects, "frozenTimes">;
  readonly audit: Audit;
}

const atSecond = (seconds: number) => rfc3339(BigInt(seconds) * 1_000_000_000n);

/** What a key of scope admin may look at and change: its own project, and every change is audited. */
export function routeAdmin(app: ZodFastify, { keyOf, adminReader }: RouteParts, admin: AdminParts): void {
  const { apiKeys, projects, audit } = admin;

  app.route({
    method: "GET",
    url: "/v1/admin/project",
    schema: {
      operationId: "getProject",
      summary: "The project of the key",
      querystring: z.strictObject({}),
      response: { 200: projectSchema, ...problems },
    },
    async handler(request) {
      const { project } = await keyOf(request, "admin");
      const frozen = (await projects.frozenTimes()).get(project) ?? 0;
      return { project, frozen_until: frozen === 0 ? null : atSecond(frozen) };
    },
  });

  app.route({
    method: "GET",
    url: "/v1/admin/keys",
    schema: {
      operationId: "listKeys",
      summary: "The project's API keys, revoked and expired ones too",
      querystring: z.strictObject({}),
      response: { 200: adminKeysSchema, ...problems },
    },
    async handler(request) {
      const { project } = await keyOf(request, "admin");
      const keys = await apiKeys.listKeys(project);
      return {
        keys: keys.map(({ keyId, label, scopes, createdAt, expiresAt, revoked }) => ({
          ...{ key_id: keyId, label, scopes: [...scopes], revoked, created_at: atSecond(createdAt) },
          expires_at: expiresAt === undefined ? null : atSecond(expiresAt),
        })),
      };
    },
  });

  app.route({
    method: "POST",
    url: "/v1/admin/keys",
    schema: {
      operationId: "createKey",
      summary: "A new API key of the project",
      body: newKeySchema,
      response: { 201: createdKeySchema, ...problems },
    },
    async handler(request, reply) {
      const { project, keyId } = await keyOf(request, "admin");
      const { label, scopes, expires_at } = request.body;
      const detail = { scopes, ...(expires_at === undefined ? {} : { expires_at }) };
      await audit.record({ project, keyId, action: "key.create", subject: label, detail });
      const expiresAt = expires_at && new Date(Number(unixNano(expires_at) / 1_000_000n));
      const made = await apiKeys.createKey({ project, label, scopes, ...(expiresAt ? { expiresAt } : {}) });
      return reply.code(201).send({ key_id: made.keyId, key: made.key });
    },
  });

  app.route({
    method: "DELETE",
    url: "/v1/admin/keys/:key_id",
    schema: {
      operationId: "revokeKey",
      summary: "Revoke an API key for good",
      params: keyParamsSchema,
      response: {
        204: z.null().describe("revoked; caches have forgotten it within seconds"),
        ...problems,
        ...notFound,
      },
    },
    async handler(request, reply) {
      const { project, keyId } = await keyOf(request, "admin");
      const { key_id } = request.params;
      await audit.record({ project, keyId, action: "key.revoke", subject: key_id, detail: {} });
      if (await apiKeys.revokeKey(project, key_id)) return reply.code(204).send(null);
      throw new SpanhouseError("NOT_FOUND", `The project has no key ${JSON.stringify(key_id)}.`);
    },
  });

  app.route({
    method: "GET",
    url: "/v1/admin/audit",
    schema: {
      operationId: "listAudit",
      summary: "Who changed what of the project",
      querystring: auditQuerySchema,
      response: { 200: auditSchema, ...problems },
    },
    async handler(request, reply) {
      const { reader } = await adminReader(request, reply);
      return { entries: [...(await readAuditEntries(reader, request.query.limit))] };
    },
  });
}
