import { Buffer } from "node:buffer";
import { problemContentType, problemOf } from "@spanhouse/schemas/api/problem";
import { type ErrorCode, SpanhouseError } from "@spanhouse/schemas/errors";
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";

/**
 * Every error as RFC 9457 problem details; what is no coded error is a defect, told to the log alone. `answerElse` may
 * answer a path that no route has.
 */
export function answerProblems(
  app: FastifyInstance,
  log: FastifyBaseLogger,
  answerElse: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined = () => undefined,
): void {
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof SpanhouseError) return answer(reply, error.code, error.message);
    if (hasZodFastifySchemaValidationErrors(error)) {
      return answer(reply, "INVALID_PARAMETER", error.validation.map(invalidParameter).join("; "));
    }
    // Fastify's own: a malformed URL or body. The client that has gone reads no answer.
    if (error instanceof Error && "statusCode" in error && [400, 413, 415].includes(Number(error.statusCode))) {
      return answer(reply, "INVALID_PARAMETER", error.message);
    }
    if (!(error instanceof Error && error.name === "AbortError")) {
      log.error({ err: error, method: request.method, route: request.routeOptions.url }, "request failed");
    }
    return answer(reply, "INTERNAL", "A defect of Spanhouse; its log has the details.");
  });
  app.setNotFoundHandler(
    (request, reply) =>
      answerElse(request, reply) ??
      answer(reply, "NOT_FOUND", `${request.method} ${request.url.split("?", 1)[0]}: there is no such route.`),
  );
}

function answer(reply: FastifyReply, code: ErrorCode, detail: string): FastifyReply {
  const problem = problemOf(code, detail);
  if (problem.status === 401) reply.header("www-authenticate", "Bearer");
  if (problem.status === 503) reply.header("retry-after", "1");
  return reply
    .code(problem.status)
    .header("content-type", problemContentType)
    .send(Buffer.from(JSON.stringify(problem)));
}

interface Invalid {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message?: string;
  readonly params: Readonly<Record<string, unknown>>;
}

function invalidParameter({ keyword, instancePath, message, params }: Invalid): string {
  if (keyword === "unrecognized_keys" && Array.isArray(params.keys)) {
    return params.keys.map((key) => `${key}: there is no such parameter`).join("; ");
  }
  const name = instancePath.split("/")[1] ?? "";
  return `${name}: ${message ?? "wrong form"}`;
}
