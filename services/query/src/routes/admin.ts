import {
  adminKeysSchema,
  auditQuerySchema,
  auditSchema,
  createdKeySchema,
  keyParamsSchema,
  madeProjectSchema,
  newKeySchema,
  newProjectSchema,
  projectSchema,
  projectsSchema,
  rotatedKeySchema,
} from "@spanhouse/schemas/api/admin";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { createAdministration } from "@spanhouse/store/administration";
import { createApiKeys } from "@spanhouse/store/api-keys";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createProjects } from "@spanhouse/store/projects";
import { readAuditEntries } from "@spanhouse/store/readers/audit-entries";
import { z } from "zod";
import { unixNano } from "../time-range.ts";
import { type AdminAccess, atSecond, createAdminAccess } from "./admin-access.ts";
import { routeAdminPrivacy } from "./admin-privacy.ts";
import { type PreviewPrices, routeAdminRules } from "./admin-rules.ts";
import { routeAdminAlertRules } from "./alerts.ts";
import { conflict, notFound, problems, type RouteParts, type ZodFastify } from "./route.ts";

/** What changes projects. */
export interface AdminParts {
  /** As a user who may write. */
  readonly clickhouse: ClickHouse;
  /** The project whose admins may list projects and make new ones. */
  readonly operatorProject: string;
  readonly previewPrices: PreviewPrices;
}

/** What a key of scope admin may look at and change: its own project, and every change is audited. */
export function routeAdmin(app: ZodFastify, parts: RouteParts, admin: AdminParts): void {
  const access = createAdminAccess(parts.keyOf, createAdministration(admin.clickhouse));
  routeProject(app, access, admin);
  routeKeys(app, access, admin);
  routeAudit(app, parts);
  routeAdminRules(app, access, admin, parts.now);
  routeAdminPrivacy(app, access, admin.clickhouse);
  routeAdminAlertRules(app, access);
}

function routeProject(app: ZodFastify, { adminOf, administration }: AdminAccess, admin: AdminParts): void {
  const projects = createProjects(admin.clickhouse);
  async function operatorOf(request: Parameters<typeof adminOf>[0]) {
    const actor = await adminOf(request);
    if (actor.project === admin.operatorProject) return actor;
    throw new SpanhouseError(
      "KEY_SCOPE",
      `The key is of project ${actor.project}; expected an admin of ${admin.operatorProject}.`,
    );
  }

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
      const { project } = await adminOf(request);
      const frozen = (await projects.frozenTimes()).get(project) ?? 0;
      return { project, frozen_until: frozen === 0 ? null : atSecond(frozen) };
    },
  });

  app.route({
    method: "GET",
    url: "/v1/admin/projects",
    schema: {
      operationId: "listProjects",
      summary: "All projects, for admins of the operator's project",
      querystring: z.strictObject({}),
      response: { 200: projectsSchema, ...problems },
    },
    async handler(request) {
      await operatorOf(request);
      return { projects: [...(await projects.list())] };
    },
  });

  app.route({
    method: "POST",
    url: "/v1/admin/projects",
    schema: {
      operationId: "makeProject",
      summary: "A new project and its first key, of the scopes read and admin, for admins of the operator's project",
      body: newProjectSchema,
      response: { 201: madeProjectSchema, ...problems, ...conflict },
    },
    async handler(request, reply) {
      const actor = await operatorOf(request);
      const { project } = request.body;
      const made = await administration.makeProject(actor, project);
      return reply.code(201).send({ project, key_id: made.keyId, key: made.key });
    },
  });
}

function routeKeys(app: ZodFastify, { adminOf, administration }: AdminAccess, admin: AdminParts): void {
  const apiKeys = createApiKeys(admin.clickhouse);
  const unknown = (keyId: string) =>
    new SpanhouseError("NOT_FOUND", `The project has no key ${JSON.stringify(keyId)} in use.`);

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
      const { project } = await adminOf(request);
      const keys = await apiKeys.listKeys(project);
      return {
        keys: keys.map(({ keyId, label, scopes, createdAt, expiresAt, lastUsedAt, revoked }) => ({
          ...{ key_id: keyId, label, scopes: [...scopes], revoked, created_at: atSecond(createdAt) },
          expires_at: expiresAt === undefined ? null : atSecond(expiresAt),
          last_used_at: lastUsedAt === undefined ? null : atSecond(lastUsedAt),
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
      const actor = await adminOf(request);
      const { label, scopes, expires_at } = request.body;
      const expiresAt = expires_at && new Date(Number(unixNano(expires_at) / 1_000_000n));
      const made = await administration.createKey(actor, { label, scopes, ...(expiresAt ? { expiresAt } : {}) });
      return reply.code(201).send({ key_id: made.keyId, key: made.key });
    },
  });

  app.route({
    method: "POST",
    url: "/v1/admin/keys/:key_id/rotate",
    schema: {
      operationId: "rotateKey",
      summary: "A new key like it; the old one works on for a while",
      params: keyParamsSchema,
      body: rotatedKeySchema,
      response: { 201: createdKeySchema, ...problems, ...notFound },
    },
    async handler(request, reply) {
      const { key_id } = request.params;
      const made = await administration.rotateKey(await adminOf(request), key_id, request.body.grace_seconds);
      if (made) return reply.code(201).send({ key_id: made.keyId, key: made.key });
      throw unknown(key_id);
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
      const { key_id } = request.params;
      if (await administration.revokeKey(await adminOf(request), key_id)) return reply.code(204).send(null);
      throw unknown(key_id);
    },
  });
}

function routeAudit(app: ZodFastify, { adminReader }: RouteParts): void {
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
