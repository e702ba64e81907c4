import cookie from "@fastify/cookie";
import type { Tracer } from "@opentelemetry/api";
import { type ConnectionLimits, serverOptions } from "@spanhouse/schemas/connection-limits";
import type { KeyAuthority } from "@spanhouse/store/api-keys";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { noLimits, type ProjectLimits } from "@spanhouse/store/limits/project-limits";
import type { ReadLimits } from "@spanhouse/store/readers/project-reader";
import { traced } from "@spanhouse/store/traced";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { createAccess, createKeyOf } from "./access.ts";
import { createLayoutCache } from "./layout-cache.ts";
import type { QueryMetrics } from "./metrics.ts";
import type { OidcConfig } from "./oidc/config.ts";
import { createPersonSessions } from "./oidc/session-authority.ts";
import { createSessionTokens } from "./oidc/session-tokens.ts";
import { describeApi } from "./openapi.ts";
import { answerProblems } from "./problems.ts";
import type { ReplayModel } from "./replay-model/replay-model.ts";
import { type AdminParts, routeAdmin } from "./routes/admin.ts";
import { type ReplayRule, routeAlertRulePreview, routeAlerts } from "./routes/alerts.ts";
import { routeCompare } from "./routes/compare.ts";
import { routeDelivery } from "./routes/delivery.ts";
import { routeDiagnosis } from "./routes/diagnosis.ts";
import { routeExport } from "./routes/export.ts";
import { routeGroups } from "./routes/groups.ts";
import { routeHealth } from "./routes/health.ts";
import { routeMcp } from "./routes/mcp.ts";
import { routeMetrics } from "./routes/metrics.ts";
import { routeMissingTools } from "./routes/missing-tools.ts";
import { routeModels } from "./routes/models.ts";
import { routeReplayModel } from "./routes/replay-model.ts";
import { routeScores } from "./routes/scores.ts";
import { routeSession } from "./routes/session.ts";
import { type OidcParts, routeLogInMethods, routeSessionOidc } from "./routes/session-oidc.ts";
import { routeSpan } from "./routes/span.ts";
import { routeSpanMessages } from "./routes/span-messages.ts";
import { routeSpanTexts } from "./routes/span-text.ts";
import { routeSpanTries } from "./routes/span-tries.ts";
import { routeSuggestion } from "./routes/suggestion.ts";
import { routeTail } from "./routes/tail.ts";
import { routeTrace } from "./routes/trace.ts";
import { routeTraceCounts } from "./routes/trace-counts.ts";
import { routeTraceExport } from "./routes/trace-export.ts";
import { routeTraces } from "./routes/traces.ts";
import { routeUsage } from "./routes/usage.ts";
import type { AskForProposals } from "./suggestions/suggestion-model.ts";
import { traceRequests } from "./trace-requests.ts";
import { secureAnswers, serveViewer } from "./viewer-files.ts";

export interface QueryParts {
  /** A user who may only read, with settings (`readonly` 2): limits are set on each query. */
  readonly clickhouse: ClickHouse;
  readonly keys: KeyAuthority;
  readonly limits: ReadLimits;
  readonly metrics: QueryMetrics;
  readonly tracer: Tracer;
  readonly log: FastifyBaseLogger;
  /** Where the viewer's files lie, absolute; without, there is the API alone. */
  readonly viewerDir?: string | undefined;
  /** What gateways let projects send that have no limits of their own; by default, whatever they like. */
  readonly usualLimits?: ProjectLimits | undefined;
  /** What keys of scope admin change a project by; without, there are no such routes. */
  readonly admin?: AdminParts | undefined;
  /** Where people log in; without, by a key alone. */
  readonly oidc?: OidcConfig | undefined;
  /** Asks a model of the operator's for proposals; without, there are none. */
  readonly suggest?: AskForProposals | undefined;
  /** The operator's endpoint for calls that were not recorded; without, there is none. */
  readonly replayModel?: ReplayModel | undefined;
  /** When an alert rule would have fired; without, none can be tried. */
  readonly replayRule?: ReplayRule | undefined;
  readonly connections?: ConnectionLimits | undefined;
  /** Unix ms. */
  readonly now?: () => number;
}

/** Of trees of large traces, kept between the pages that are read of them. */
const layoutBytes = 128 * 1024 * 1024;

export const defaultConnectionLimits: ConnectionLimits = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  // Questions are all in the URL: many filters of many values must fit.
  maxHeaderBytes: 64 * 1024,
  maxConnections: 2_000,
};

/** The query API, and the viewer beside it: reads the project of a key of scope `read`. `/openapi.json` describes it. */
export function createQueryApi({
  clickhouse,
  keys,
  limits,
  metrics,
  tracer,
  log,
  viewerDir,
  admin,
  usualLimits = noLimits,
  oidc: oidcOptions,
  suggest,
  replayModel,
  replayRule,
  connections = defaultConnectionLimits,
  now = Date.now,
}: QueryParts): FastifyInstance {
  const app = Fastify({
    requestTimeout: connections.requestTimeoutMs,
    http: serverOptions(connections),
    // A user's id may be long: what a parameter may be says its schema.
    routerOptions: { maxParamLength: connections.maxHeaderBytes },
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
  }).withTypeProvider<ZodTypeProvider>();
  app.server.maxConnections = connections.maxConnections;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.register(cookie);
  secureAnswers(app);
  answerProblems(app, log, viewerDir === undefined ? undefined : serveViewer(app, viewerDir));
  describeApi(app);
  traceRequests(app as unknown as FastifyInstance, tracer);
  app.addHook("onResponse", async ({ routeOptions }, reply) => {
    metrics.requestSeconds.observe(
      { route: routeOptions.url ?? "none", status: reply.statusCode },
      reply.elapsedTime / 1000,
    );
  });

  const oidc = oidcOptions && oidcParts(keys, oidcOptions);
  const keyOf = createKeyOf(keys, oidc?.sessions);
  const access = { clickhouse: traced(clickhouse, tracer), keys, limits };
  const parts = {
    keyOf,
    grantAccess: createAccess(access, keyOf),
    adminReader: createAccess(access, keyOf, "admin"),
    layouts: createLayoutCache({ maxBytes: layoutBytes }),
    now,
  };
  app.register(async (routes: typeof app) => {
    routeTraces(routes, parts);
    routeTraceCounts(routes, parts);
    routeTail(routes, parts);
    routeExport(routes, parts);
    routeGroups(routes, parts);
    routeModels(routes, parts);
    routeTrace(routes, parts);
    routeMissingTools(routes, parts);
    routeDiagnosis(routes, parts);
    routeSuggestion(routes, parts, suggest);
    routeReplayModel(routes, parts, replayModel);
    routeTraceExport(routes, parts);
    routeCompare(routes, parts);
    routeSpan(routes, parts);
    routeSpanTexts(routes, parts);
    routeSpanMessages(routes, parts);
    routeSpanTries(routes, parts);
    routeMetrics(routes, parts);
    routeScores(routes, parts);
    routeDelivery(routes, parts);
    routeMcp(routes, parts);
    routeUsage(routes, parts, usualLimits);
    routeSession(routes, parts, keys, oidc?.sessions.personOf ?? (async () => undefined));
    routeLogInMethods(routes, oidc !== undefined);
    if (oidc) routeSessionOidc(routes, parts, oidc);
    routeAlerts(routes, parts);
    if (replayRule) routeAlertRulePreview(routes, parts, replayRule);
    if (admin) routeAdmin(routes, parts, admin);
    routeHealth(routes, clickhouse);
    routes.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
    routes.get("/metrics", { schema: { hide: true } }, async (_request, reply) =>
      reply.header("content-type", metrics.registry.contentType).send(await metrics.registry.metrics()),
    );
  });
  return app as unknown as FastifyInstance;
}

function oidcParts(keys: KeyAuthority, options: OidcConfig): OidcParts {
  const tokens = createSessionTokens(options.sessionSecret);
  return { options, tokens, sessions: createPersonSessions(keys, tokens) };
}
