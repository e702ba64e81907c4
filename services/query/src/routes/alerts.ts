import {
  alertEpisodesQuerySchema,
  alertEpisodesSchema,
  alertRuleChangeSchema,
  alertRuleParamsSchema,
  alertRuleSchema,
  alertRulesSchema,
} from "@spanhouse/schemas/api/alerts";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { readAlertEpisodes } from "@spanhouse/store/readers/alert-episodes";
import { readAlertRules } from "@spanhouse/store/readers/alert-rules";
import { z } from "zod";
import { rfc3339, timeRange, unixNano } from "../time-range.ts";
import { type AdminAccess, asParameter } from "./admin-access.ts";
import { notFound, problems, type RouteParts, type ZodFastify } from "./route.ts";
import { contentOf } from "./rule-body.ts";

const month = 30n * 86_400n * 1_000_000_000n;

/** What fires and what fired, and the rules that are kept here; an operator's file may have more. */
export function routeAlerts(app: ZodFastify, { grantAccess, now }: RouteParts): void {
  app.route({
    method: "GET",
    url: "/v1/alerts",
    schema: {
      operationId: "listAlerts",
      summary: "Alerts that fire and that fired, with what explains them",
      querystring: alertEpisodesQuerySchema,
      response: { 200: alertEpisodesSchema, ...problems },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      const { rule, state, from, to, limit } = request.query;
      const end = to === undefined ? timeRange(undefined, undefined, now()).to : unixNano(to);
      const range = timeRange(from ?? rfc3339(end > month ? end - month : 0n), rfc3339(end), now());
      const [first, last] = [range.from, range.to].map((time) => Number(time / 1_000_000_000n)) as [number, number];
      return { episodes: [...(await readAlertEpisodes(reader, { rule, state, from: first, to: last, limit }))] };
    },
  });

  app.route({
    method: "GET",
    url: "/v1/alert-rules",
    schema: {
      operationId: "listAlertRules",
      summary: "The project's alert rules, and how far each is evaluated",
      querystring: z.strictObject({}),
      response: { 200: alertRulesSchema, ...problems },
    },
    async handler(request, reply) {
      const { reader } = await grantAccess(request, reply);
      return { rules: [...(await readAlertRules(reader))] };
    },
  });
}

/** What a key of scope admin may change of them: every change is audited, and every version kept. */
export function routeAdminAlertRules(app: ZodFastify, { adminOf, administration }: AdminAccess): void {
  app.route({
    method: "PUT",
    url: "/v1/admin/alert-rules/:name",
    schema: {
      operationId: "setAlertRule",
      summary: "An alert rule, or its next version",
      params: alertRuleParamsSchema,
      body: alertRuleChangeSchema,
      response: { 200: z.object({ name: z.string(), version: z.number(), rule: alertRuleSchema }), ...problems },
    },
    async handler(request) {
      const actor = await adminOf(request);
      const { name } = request.params;
      const { rule, reason } = request.body;
      const { version, rule: stored } = await asParameter(() =>
        administration.setRule(actor, "alert_rules", name, contentOf(rule), reason),
      );
      return { name, version, rule: alertRuleSchema.parse(JSON.parse(stored)) };
    },
  });

  app.route({
    method: "DELETE",
    url: "/v1/admin/alert-rules/:name",
    schema: {
      operationId: "revokeAlertRule",
      summary: "The alert rule holds no longer; what fires of it is resolved",
      params: alertRuleParamsSchema,
      response: { 204: z.null().describe("revoked"), ...problems, ...notFound },
    },
    async handler(request, reply) {
      const actor = await adminOf(request);
      const { name } = request.params;
      if (await administration.revokeRule(actor, "alert_rules", name, "")) return reply.code(204).send(null);
      throw new SpanhouseError("NOT_FOUND", `The project has no alert rule ${JSON.stringify(name)} in force.`);
    },
  });
}
