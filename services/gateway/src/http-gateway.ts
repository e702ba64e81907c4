import { Buffer } from "node:buffer";
import type { SpanPublisher } from "@spanhouse/bus/bus";
import { problemContentType, problemOf } from "@spanhouse/schemas/api/problem";
import { serverOptions } from "@spanhouse/schemas/connection-limits";
import type { KeyAuthority } from "@spanhouse/store/api-keys";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, LogController } from "fastify";
import type { Admission } from "./admission.ts";
import type { GatewayLimits } from "./config.ts";
import { type Failure, failed, statusOf } from "./failure.ts";
import { closeGracefully } from "./graceful-close.ts";
import { formatOf, type OtlpFormat, otlpContentType } from "./media-type.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { exportResponse, rpcStatus } from "./otlp-answer.ts";
import type { Redactor } from "./redaction/redactor.ts";
import { createScoreIntake } from "./score-intake.ts";
import { type SpanIntake, toldReasons } from "./span-intake.ts";
import { createTraceIntake } from "./trace-intake.ts";

export interface HttpGatewayParts {
  readonly publisher: SpanPublisher;
  readonly takeSpans: SpanIntake;
  readonly redactor: Redactor;
  readonly admission: Admission;
  readonly keys: KeyAuthority;
  readonly limits: GatewayLimits;
  readonly metrics: GatewayMetrics;
  readonly log: FastifyBaseLogger;
}

const tracesPath = "/v1/traces";
const protocol = "http";

/**
 * OTLP/HTTP for traces, scores, health and metrics. Errors of OTLP's route are google.rpc.Status in the request's encoding, as
 * OTLP says, their message starting with our code; everywhere else they are RFC 9457 problems.
 */
export function createHttpGateway(parts: HttpGatewayParts): FastifyInstance {
  const { publisher, keys, redactor, limits, metrics, log, admission } = parts;
  const takeTraces = createTraceIntake(parts);
  const takeScore = createScoreIntake({ publisher, keys, redactor, admission, now: Date.now });

  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: limits.requestTimeoutMs,
    http: serverOptions(limits),
  });
  app.server.maxConnections = limits.maxConnections;
  closeGracefully(app, limits.closeGraceMs);
  // Bodies are read by the intake, after the key and the bytes in flight were checked.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));

  app.post(tracesPath, async ({ raw }, reply) => {
    const format = formatOf(raw.headers) ?? "json";
    const intake = await takeTraces(raw);
    if (intake.kind === "failed") return answerStatus(reply, format, intake);
    metrics.requests.inc({ protocol, status: 200, code: "OK" });
    const { length } = intake.rejections;
    return send(reply, 200, otlpContentType[format], exportResponse(format, length, toldReasons(intake.rejections)));
  });

  app.post("/v1/scores", async ({ raw }, reply) => {
    const intake = await takeScore(raw);
    if (intake.kind === "failed") {
      metrics.requests.inc({ protocol, status: statusOf(intake), code: intake.code });
      return answerProblem(reply, intake);
    }
    metrics.requests.inc({ protocol, status: 200, code: "OK" });
    return send(reply, 200, otlpContentType.json, JSON.stringify(intake.score));
  });

  app.get("/health/live", async () => ({ status: "live" }));

  app.get("/health/ready", async (_request, reply) => {
    if (await publisher.ready()) return { status: "ready" };
    return answerProblem(reply, failed("BUS_UNAVAILABLE", "the span log would not take spans now", 1));
  });

  app.get("/metrics", async (_request, reply) => {
    return send(reply, 200, metrics.registry.contentType, await metrics.registry.metrics());
  });

  app.setNotFoundHandler(({ method, url }, reply) =>
    answerProblem(reply, failed("NOT_FOUND", `${method} ${url}: there is no such route`)),
  );

  app.setErrorHandler((error, { raw, routeOptions }, reply) => {
    const failure = failureOf(error);
    if (failure.code === "INTERNAL") log.error({ err: error }, "request failed");
    return routeOptions.url === tracesPath
      ? answerStatus(reply, formatOf(raw.headers) ?? "json", failure)
      : answerProblem(reply, failure);
  });

  function answerStatus(reply: FastifyReply, format: OtlpFormat, failure: Failure): FastifyReply {
    const status = statusOf(failure);
    metrics.requests.inc({ protocol, status, code: failure.code });
    retryAfter(reply, failure);
    return send(
      reply,
      status,
      otlpContentType[format],
      rpcStatus(format, status, `${failure.code}: ${failure.message}`),
    );
  }

  return app;
}

function answerProblem(reply: FastifyReply, failure: Failure): FastifyReply {
  const problem = problemOf(failure.code, failure.message);
  retryAfter(reply, failure);
  return send(reply, problem.status, problemContentType, JSON.stringify(problem));
}

function retryAfter(reply: FastifyReply, { retryAfterSeconds }: Failure): void {
  if (retryAfterSeconds !== undefined) reply.header("retry-after", Math.ceil(retryAfterSeconds));
}

/** Always bytes: to a string of JSON fastify adds a charset, and OTLP clients compare the content type. */
function send(reply: FastifyReply, status: number, contentType: string, body: Uint8Array | string): FastifyReply {
  const bytes = typeof body === "string" ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.length);
  return reply.code(status).header("content-type", contentType).send(bytes);
}

/** Fastify itself only refuses content types that it cannot parse; anything else thrown is a defect of ours. */
function failureOf(error: unknown): Failure {
  if (error instanceof Error && "statusCode" in error && error.statusCode === 415) {
    return failed("CONTENT_TYPE", error.message);
  }
  return failed("INTERNAL", "a defect of Spanhouse; its log has the details");
}
