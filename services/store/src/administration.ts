import { randomUUID } from "node:crypto";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { parseOwnershipRule } from "@spanhouse/schemas/rules/ownership-rule";
import { parsePriceRule } from "@spanhouse/schemas/rules/price-rule";
import { ruleNameSchema } from "@spanhouse/schemas/rules/rule-content";
import { parseAlertRule } from "./alerts/alert-rule.ts";
import { type ApiKeys, createApiKeys, type NewApiKey } from "./api-keys.ts";
import { createAudit } from "./audit.ts";
import type { ClickHouse } from "./clickhouse.ts";
import { createErasures, userHashOf } from "./erasure/erasures.ts";
import { createProjects } from "./projects.ts";
import { createRetentions, type Kept, type RetentionSettings } from "./retention/retentions.ts";
import { createRuleHistory, type RuleTable, type StoredRule } from "./rule-history.ts";

/** Who acts, and on which project. */
export interface Actor {
  /** Empty: what holds for all projects. */
  readonly project: string;
  /** The id of a key, `oidc:SUBJECT`, or the name of who ran a command. */
  readonly by: string;
}

type MadeKey = Awaited<ReturnType<ApiKeys["createKey"]>>;

/**
 * Every administrative act, whoever asks for it: by the API, the viewer or a command. Each is in the audit before it is
 * done: what stands there was at least asked for. Throws INVALID_PARAMETER or CONFIG for what cannot be meant, and then
 * nothing was done, nor written down.
 */
export interface Administration {
  /** The project, and a key of scope admin for it. Throws CONFLICT where it is there already. */
  makeProject(actor: Actor, name: string): Promise<MadeKey>;
  createKey(actor: Actor, wanted: Omit<NewApiKey, "project">): Promise<MadeKey>;
  /** A new key like it; the old one works on for so long. Undefined: the project has no such key in use. */
  rotateKey(actor: Actor, keyId: string, graceSeconds: number): Promise<MadeKey | undefined>;
  /** False: the project has no such key. */
  revokeKey(actor: Actor, keyId: string): Promise<boolean>;
  setRule(actor: Actor, table: RuleTable, name: string, content: unknown, reason: string): Promise<StoredRule>;
  /** Undefined: there is no such rule in force. */
  revokeRule(actor: Actor, table: RuleTable, name: string, reason: string): Promise<StoredRule | undefined>;
  setRetention(actor: Actor, days: Partial<Record<Kept, number | null>>, reason: string): Promise<RetentionSettings>;
  /** Resolves with the id of the run that a consumer works off; from then on what comes of the person is blanked. */
  askErasure(actor: Actor, userId: string, reason: string): Promise<string>;
}

const parsers: Readonly<Record<RuleTable, (name: string, content: unknown) => unknown>> = {
  prices: parsePriceRule,
  ownership_rules: parseOwnershipRule,
  alert_rules: parseAlertRule,
};

export function createAdministration(clickhouse: ClickHouse): Administration {
  const audit = createAudit(clickhouse);
  const apiKeys = createApiKeys(clickhouse);
  const projects = createProjects(clickhouse);
  const retentions = createRetentions(clickhouse);
  const erasures = createErasures(clickhouse);
  const histories = {
    prices: createRuleHistory(clickhouse, "prices"),
    ownership_rules: createRuleHistory(clickhouse, "ownership_rules"),
    alert_rules: createRuleHistory(clickhouse, "alert_rules"),
  };

  function record({ project, by }: Actor, action: string, subject: string, detail: Record<string, unknown> = {}) {
    return audit.record({ project, keyId: by, action, subject, detail });
  }

  return {
    async makeProject(actor, name) {
      if ((await projects.list()).includes(name)) {
        throw new SpanhouseError("CONFLICT", `project ${JSON.stringify(name)} exists; expected another name`);
      }
      await record(actor, "project.make", name);
      await projects.ensureProject(name);
      await record({ ...actor, project: name }, "key.create", "first", { scopes: ["admin", "read"] });
      return apiKeys.createKey({ project: name, scopes: ["read", "admin"], label: "first" });
    },
    async createKey(actor, wanted) {
      const { label, scopes, expiresAt } = wanted;
      await record(actor, "key.create", label, {
        scopes,
        ...(expiresAt && { expires_at: expiresAt.toISOString().replace(/\.000Z$/, "Z") }),
      });
      await projects.ensureProject(actor.project);
      return apiKeys.createKey({ ...wanted, project: actor.project });
    },
    async rotateKey(actor, keyId, graceSeconds) {
      await record(actor, "key.rotate", keyId, { grace_seconds: graceSeconds });
      return apiKeys.rotateKey(actor.project, keyId, graceSeconds);
    },
    async revokeKey(actor, keyId) {
      await record(actor, "key.revoke", keyId);
      return apiKeys.revokeKey(actor.project, keyId);
    },
    async setRule(actor, table, name, content, reason) {
      const named = ruleNameSchema.safeParse(name);
      if (!named.success) {
        throw new SpanhouseError("CONFIG", `${JSON.stringify(name)}: ${named.error.issues[0]!.message}`);
      }
      const rule = JSON.stringify(parsers[table](name, content));
      await record(actor, `${table}.set`, name, { rule: JSON.parse(rule), reason });
      return histories[table].append({ project: actor.project, name, rule, changedBy: actor.by, reason });
    },
    async revokeRule(actor, table, name, reason) {
      const { project, by: changedBy } = actor;
      const inForce = await histories[table].inForce();
      if (!inForce.some((rule) => rule.project === project && rule.name === name)) return undefined;
      await record(actor, `${table}.revoke`, name, { reason });
      return histories[table].append({ project, name, rule: "", changedBy, reason });
    },
    async setRetention(actor, days, reason) {
      const change = { project: actor.project, days, changedBy: actor.by, reason };
      await retentions.check(change);
      await record(actor, "retention.set", actor.project, { days, reason });
      return retentions.set(change);
    },
    async askErasure(actor, userId, reason) {
      const run = randomUUID();
      const userHash = userHashOf(actor.project, userId);
      await record(actor, "erasure.ask", userHash, { run, reason });
      await erasures.ask({ project: actor.project, userHash, run, askedBy: actor.by, reason });
      return run;
    },
  };
}
