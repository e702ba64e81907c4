import {
  newOwnershipRuleSchema,
  newPriceRuleSchema,
  ownershipFileRequestSchema,
  priceChangesSchema,
  pricePreviewSchema,
  revokedRuleQuerySchema,
  ruleHistoryQuerySchema,
  ruleParamsSchema,
  storedRuleSchema,
  storedRulesSchema,
} from "@spanhouse/schemas/api/admin-rules";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { formatDollars, type PicoDollars } from "@spanhouse/schemas/money";
import { ownershipFileSchema } from "@spanhouse/schemas/rules/ownership-rule";
import { parsePriceRule } from "@spanhouse/schemas/rules/price-rule";
import { parseRuleContent } from "@spanhouse/schemas/rules/rule-content";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createRuleHistory, type RuleTable, type StoredRule } from "@spanhouse/store/rule-history";
import { rfc3339, timeRange } from "../time-range.ts";
import { type AdminAccess, asParameter } from "./admin-access.ts";
import { notFound, problems, type ZodFastify } from "./route.ts";
import { contentOf } from "./rule-body.ts";

/** What a price rule would change, were it stored and applied; pico-dollars. Throws CONFIG for one that cannot be. */
export type PreviewPrices = (request: {
  readonly proposed: Pick<StoredRule, "project" | "name" | "rule"> | undefined;
  readonly project: string;
  /** Minutes since the epoch, half-open. */
  readonly from: number;
  readonly to: number;
  readonly signal: AbortSignal;
}) => Promise<
  readonly {
    readonly day: string;
    readonly provider: string;
    readonly model: string;
    readonly calls: number;
    readonly repricedCalls: number;
    readonly cost: PicoDollars;
    readonly newCost: PicoDollars;
    readonly estimatedCost: PicoDollars;
    readonly newEstimatedCost: PicoDollars;
  }[]
>;

export interface AdminRuleParts {
  readonly clickhouse: ClickHouse;
  readonly previewPrices: PreviewPrices;
}

/** The rules that prices and owners come from: each a named one of the project, in versions. */
export function routeAdminRules(app: ZodFastify, access: AdminAccess, parts: AdminRuleParts, now: () => number): void {
  routeRules(app, access, parts, {
    ...{ table: "prices", path: "prices", noun: "PriceRule", called: "price rule", body: newPriceRuleSchema },
  });
  routeRules(app, access, parts, {
    ...{ table: "ownership_rules", path: "ownership", noun: "OwnershipRule", called: "rule of ownership" },
    body: newOwnershipRuleSchema,
  });
  routeOwnershipFile(app, access);
  routePricePreview(app, access, parts, now);
}

interface RuleKind {
  readonly table: RuleTable;
  readonly path: string;
  /** In operation ids. */
  readonly noun: string;
  readonly called: string;
  readonly body: typeof newPriceRuleSchema | typeof newOwnershipRuleSchema;
}

function routeRules(
  app: ZodFastify,
  { adminOf, administration }: AdminAccess,
  { clickhouse }: AdminRuleParts,
  { table, path, noun, called, body }: RuleKind,
): void {
  const history = createRuleHistory(clickhouse, table);

  app.route({
    method: "GET",
    url: `/v1/admin/${path}`,
    schema: {
      operationId: `list${noun}s`,
      summary: `The ${called}s that hold for the project`,
      querystring: ruleHistoryQuerySchema,
      response: { 200: storedRulesSchema, ...problems },
    },
    async handler(request) {
      const { project } = await adminOf(request);
      const rules = await (request.query.history === "true" ? history.history() : history.inForce());
      return { rules: rules.filter((rule) => rule.project === "" || rule.project === project).map(shown) };
    },
  });

  app.route({
    method: "PUT",
    url: `/v1/admin/${path}/:name`,
    schema: {
      operationId: `set${noun}`,
      summary: `A ${called}, or its next version: in force from the next flush on`,
      params: ruleParamsSchema,
      body,
      response: { 200: storedRuleSchema, ...problems },
    },
    async handler(request) {
      const actor = await adminOf(request);
      const { rule, reason } = request.body;
      return shown(
        await asParameter(async () =>
          administration.setRule(actor, table, request.params.name, contentOf(rule), reason),
        ),
      );
    },
  });

  app.route({
    method: "DELETE",
    url: `/v1/admin/${path}/:name`,
    schema: {
      operationId: `revoke${noun}`,
      summary: `The ${called} holds no longer; its history stays`,
      params: ruleParamsSchema,
      querystring: revokedRuleQuerySchema,
      response: { 200: storedRuleSchema, ...problems, ...notFound },
    },
    async handler(request) {
      const actor = await adminOf(request);
      const { name } = request.params;
      const revoked = await administration.revokeRule(actor, table, name, request.query.reason);
      if (revoked) return shown(revoked);
      throw new SpanhouseError("NOT_FOUND", `The project has no ${called} ${JSON.stringify(name)} in force.`);
    },
  });
}

function routeOwnershipFile(app: ZodFastify, { adminOf, administration }: AdminAccess): void {
  app.route({
    method: "POST",
    url: "/v1/admin/ownership",
    schema: {
      operationId: "setOwnershipRules",
      summary: "Every rule of ownership of a YAML document; those that it does not name stay",
      body: ownershipFileRequestSchema,
      response: { 200: storedRulesSchema, ...problems },
    },
    async handler(request) {
      const actor = await adminOf(request);
      const { yaml, reason } = request.body;
      const { rules } = await asParameter(async () => parseRuleContent(ownershipFileSchema, "yaml", contentOf(yaml)));
      const foreign = rules.find(({ project }) => project !== undefined && project !== actor.project);
      if (foreign) {
        throw new SpanhouseError(
          "INVALID_PARAMETER",
          `yaml: rule ${foreign.name} is of project ${foreign.project}; expected ${actor.project}, or none`,
        );
      }
      const stored: StoredRule[] = [];
      for (const { name, project: _, ...rule } of rules) {
        stored.push(await asParameter(() => administration.setRule(actor, "ownership_rules", name, rule, reason)));
      }
      return { rules: stored.map(shown) };
    },
  });
}

function routePricePreview(
  app: ZodFastify,
  { adminOf }: AdminAccess,
  { previewPrices }: AdminRuleParts,
  now: () => number,
): void {
  app.route({
    method: "POST",
    url: "/v1/admin/prices/preview",
    schema: {
      operationId: "previewPrices",
      summary: "What a price rule, stored or not, would change of stored calls; changes nothing",
      body: pricePreviewSchema,
      response: { 200: priceChangesSchema, ...problems },
    },
    async handler(request, reply) {
      const { project } = await adminOf(request);
      const { name, rule } = request.body;
      if ((name === undefined) !== (rule === undefined)) {
        throw new SpanhouseError("INVALID_PARAMETER", "expected name and rule, or neither");
      }
      const range = timeRange(request.body.from, request.body.to, now());
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      const proposed =
        name === undefined
          ? undefined
          : {
              ...{ project, name },
              rule: JSON.stringify(await asParameter(async () => parsePriceRule(name, contentOf(rule)))),
            };
      const [from, to] = [Number(range.from / minuteNanos), Number((range.to + minuteNanos - 1n) / minuteNanos)];
      const changes = await previewPrices({ proposed, project, from, to, signal: gone.signal });
      return {
        ...{ from: rfc3339(BigInt(from) * minuteNanos), to: rfc3339(BigInt(to) * minuteNanos) },
        changes: changes.map((change) => ({
          ...{ day: change.day, provider: change.provider, model: change.model },
          ...{ calls: change.calls, repriced_calls: change.repricedCalls },
          ...{ cost: formatDollars(change.cost), new_cost: formatDollars(change.newCost) },
          estimated_cost: formatDollars(change.estimatedCost),
          new_estimated_cost: formatDollars(change.newEstimatedCost),
        })),
      };
    },
  });
}

const minuteNanos = 60_000_000_000n;

function shown({ project, name, version, rule, changedBy, reason, changedAt }: StoredRule) {
  return {
    ...{ name, version, all_projects: project === "", reason, changed_by: changedBy, changed_at: changedAt },
    rule: rule === "" ? null : (JSON.parse(rule) as Record<string, unknown>),
  };
}
