import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { problemSchema } from "@spanhouse/schemas/api/problem";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { FastifyRequest } from "fastify";
import { type ApiQuestions, questionUrl } from "../api-questions.ts";
import { createMcpServer } from "../mcp/mcp-server.ts";
import { requireOwnOrigin } from "../session.ts";
import type { RouteParts, ZodFastify } from "./route.ts";

/**
 * The Model Context Protocol over streamable HTTP, without sessions: each request is whole, and its answer is JSON.
 * https://modelcontextprotocol.io/specification/2025-06-18/basic/transports
 */
export function routeMcp(app: ZodFastify, { keyOf }: RouteParts): void {
  app.route({
    method: "POST",
    url: "/mcp",
    schema: { hide: true },
    async handler(request, reply) {
      // The specification's own rule against rebound names.
      requireOwnOrigin(request);
      await keyOf(request);
      const server = createMcpServer(questionsOf(app, request));
      const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
      reply.hijack();
      reply.raw.once("close", () => void server.close());
      // Its optional members are typed without exactOptionalPropertyTypes.
      await server.connect(transport as Parameters<typeof server.connect>[0]);
      await transport.handleRequest(request.raw, reply.raw, request.body);
    },
  });

  app.route({
    method: ["GET", "DELETE"],
    url: "/mcp",
    schema: { hide: true },
    async handler(_request, reply) {
      // There is no session to stream of or to end: what the specification has for that is 405.
      return reply.code(405).header("allow", "POST").send();
    },
  });
}

/** The API asked within the process, as whoever asks. */
function questionsOf(app: ZodFastify, { headers }: FastifyRequest): ApiQuestions {
  const credentials = Object.fromEntries(
    (["authorization", "x-api-key", "cookie"] as const).flatMap((name) =>
      headers[name] === undefined ? [] : [[name, headers[name] as string]],
    ),
  );
  async function ask(url: string, signal: AbortSignal) {
    const answer = await app.inject({ url, headers: credentials, signal });
    if (answer.statusCode === 200) return answer;
    const problem = problemSchema.safeParse(JSON.parse(answer.payload));
    if (problem.success) throw new SpanhouseError(problem.data.code, problem.data.detail);
    throw new Error(`${url} answered ${answer.statusCode}`);
  }
  return {
    json: async <T>(path: string, parameters: Parameters<ApiQuestions["json"]>[1], signal: AbortSignal) =>
      (await ask(questionUrl(path, parameters), signal)).json() as T,
    bytes: async (path, signal) => (await ask(path, signal)).rawPayload,
  };
}
