import {
  askedErasureSchema,
  erasuresSchema,
  newErasureSchema,
  newRetentionSchema,
  retentionSchema,
} from "@spanhouse/schemas/api/admin-privacy";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createErasures } from "@spanhouse/store/erasure/erasures";
import { createProjects, everyProject } from "@spanhouse/store/projects";
import { createRetentions, type Kept, type RetentionSettings } from "@spanhouse/store/retention/retentions";
import { z } from "zod";
import { type AdminAccess, atSecond } from "./admin-access.ts";
import { problems, type ZodFastify } from "./route.ts";

/** For how long what is kept, and of whom nothing is. */
export function routeAdminPrivacy(
  app: ZodFastify,
  { adminOf, administration }: AdminAccess,
  clickhouse: ClickHouse,
): void {
  const retentions = createRetentions(clickhouse);
  const erasures = createErasures(clickhouse);
  const projects = createProjects(clickhouse);

  async function shown(project: string, settings: RetentionSettings) {
    const frozen = await projects.frozenTimes();
    const until = Math.max(frozen.get(project) ?? 0, frozen.get(everyProject) ?? 0);
    return {
      ...{ days: settings.of(project), own: settings.own(project) },
      frozen_until: until === 0 ? null : atSecond(until),
    };
  }

  app.route({
    method: "GET",
    url: "/v1/admin/retention",
    schema: {
      operationId: "getRetention",
      summary: "For how many days what of the project is kept",
      querystring: z.strictObject({}),
      response: { 200: retentionSchema, ...problems },
    },
    async handler(request) {
      const { project } = await adminOf(request);
      return shown(project, await retentions.current());
    },
  });

  app.route({
    method: "PUT",
    url: "/v1/admin/retention",
    schema: {
      operationId: "setRetention",
      summary: "Keep it for longer or shorter: what is named is changed, within the hour",
      body: newRetentionSchema,
      response: { 200: retentionSchema, ...problems },
    },
    async handler(request) {
      const actor = await adminOf(request);
      const { reason, ...asked } = request.body;
      const days = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as Partial<
        Record<Kept, number | null>
      >;
      return shown(actor.project, await administration.setRetention(actor, days, reason));
    },
  });

  app.route({
    method: "GET",
    url: "/v1/admin/erasures",
    schema: {
      operationId: "listErasures",
      summary: "Persons who were erased, by hash, with what was done and what a scan found",
      querystring: z.strictObject({}),
      response: { 200: erasuresSchema, ...problems },
    },
    async handler(request) {
      const { project } = await adminOf(request);
      const runs = await erasures.list(project);
      return {
        erasures: runs.map(({ run, userHash, askedBy, reason, begunAt, endedAt, report }) => ({
          ...{ run, user_hash: userHash, asked_by: askedBy, reason, begun_at: begunAt, ended_at: endedAt },
          report: report as Record<string, unknown> | null,
        })),
      };
    },
  });

  app.route({
    method: "POST",
    url: "/v1/admin/erasures",
    schema: {
      operationId: "eraseUser",
      summary: "Erase a person: at once for what still comes, within minutes for what is stored",
      body: newErasureSchema,
      response: { 202: askedErasureSchema, ...problems },
    },
    async handler(request, reply) {
      const { user_id, reason } = request.body;
      const run = await administration.askErasure(await adminOf(request), user_id, reason);
      return reply.code(202).send({ run });
    },
  });
}
