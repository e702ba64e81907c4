import {
  type AlertRule,
  alertEpisodesQuerySchema,
  alertEpisodesSchema,
  alertRuleChangeSchema,
  alertRuleParamsSchema,
  alertRulePreviewSchema,
  alertRuleSchema,
  alertRulesSchema,
  mostTriedDays,
  wouldBeEpisodesSchema,
} from "@spanhouse/schemas/api/alerts";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { parseAlertRule } from "@spanhouse/store/alerts/alert-rule";
import { readAlertEpisodes } from "@spanhouse/store/readers/alert-episodes";
import { readAlertRules } from "@spanhouse/store/readers/alert-rules";
import type { ProjectReader } from "@spanhouse/store/readers/project-reader";
import { z } from "zod";
import { rfc3339, timeRange, unixNano } from "../time-range.ts";
import { type AdminAccess, asParameter, atSecond } from "./admin-access.ts";
import { notFound, problems, type RouteParts, type ZodFastify } from "./route.ts";
import { contentOf } from "./rule-body.ts";

const minute = 60_000_000_000n;
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

/** When a rule would have fired in [from, to] (Unix s, whole minutes), by what is stored now. */
export type ReplayRule = (
  reader: () => ProjectReader,
  rule: { readonly project: string; readonly name: string; readonly rule: AlertRule },
  from: number,
  to: number,
) => Promise<
  readonly {
    readonly group: Readonly<Record<string, string>>;
    readonly summary: string;
    /** Unix s. */
    readonly firedAt: number;
    /** Undefined: it fires at the end of the range. */
    readonly resolvedAt: number | undefined;
    readonly value: number | null;
    readonly expected: number | null;
  }[]
>;

/** A rule on history, whether it is stored or not; nobody is told anything. */
export function routeAlertRulePreview(app: ZodFastify, { grantAccess, now }: RouteParts, replayRule: ReplayRule): void {
  app.route({
    method: "POST",
    url: "/v1/alert-rules/preview",
    schema: {
      operationId: "previewAlertRule",
      summary: "When an alert rule, stored or not, would have fired; sends and changes nothing",
      body: alertRulePreviewSchema,
      response: { 200: wouldBeEpisodesSchema, ...problems },
    },
    async handler(request, reply) {
      const { project, reader } = await grantAccess(request, reply);
      const { name } = request.body;
      const { from, to } = wholeMinutes(request.body, now());
      const rule = await asParameter(async () => parseAlertRule(name, contentOf(request.body.rule)));
      // One reader: the request has the time of one.
      const episodes = await replayRule(() => reader, { project, name, rule }, from, to);
      return {
        ...{ from: atSecond(from), to: atSecond(to), rule },
        episodes: episodes.map(({ group, summary, firedAt, resolvedAt, value, expected }) => ({
          ...{ group, summary, value, expected, fired_at: atSecond(firedAt) },
          resolved_at: resolvedAt === undefined ? null : atSecond(resolvedAt),
        })),
      };
    },
  });
}

/** Unix s; the minute that is under way is left out. */
function wholeMinutes(asked: { readonly from?: string | undefined; readonly to?: string | undefined }, nowMs: number) {
  const range = timeRange(asked.from, asked.to ?? atSecond(Math.floor(nowMs / 60_000) * 60), nowMs);
  const [from, to] = [Number((range.from + minute - 1n) / minute) * 60, Number(range.to / minute) * 60];
  if (from <= to && to - from <= mostTriedDays * 86_400) return { from, to };
  throw new SpanhouseError(
    "INVALID_PARAMETER",
    `from: expected a whole minute before to, which is ${atSecond(to)}, and at most ${mostTriedDays} days before it`,
  );
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
