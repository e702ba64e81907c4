import { existsSync } from "node:fs";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/**
 * Scripts, styles, data and pictures of this server alone, nothing inline, and nothing frames it. The editor component
 * makes its styles in a shadow root, as sheets that a policy has no say in.
 */
const contentSecurityPolicy = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:"],
  ...["font-src 'self'", "connect-src 'self'", "worker-src 'self'", "manifest-src 'self'", "media-src data: blob:"],
  ...["base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"],
].join("; ");

/** Answers of the API are data: were one shown as a page, it could do nothing. */
const dataPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox";

const pageHeaders = {
  "content-security-policy": contentSecurityPolicy,
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "x-frame-options": "DENY",
} as const;

/** On every answer: nothing is guessed, kept, framed or run, unless the viewer's files say otherwise. */
export function secureAnswers(app: FastifyInstance): void {
  app.addHook("onSend", async (_request, reply) => {
    reply.header("x-content-type-options", "nosniff");
    if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    if (!reply.hasHeader("content-security-policy")) reply.header("content-security-policy", dataPolicy);
  });
}

/**
 * The viewer's files from `directory`. Every path of no file is a view of the viewer, which its index shows; that of the
 * API's is not. Returns what answers such a path: undefined where it is none.
 */
export function serveViewer(
  app: FastifyInstance,
  directory: string,
): (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined {
  app.register(fastifyStatic, {
    root: directory,
    wildcard: true,
    cacheControl: false,
    setHeaders(reply, path) {
      // A built asset's name holds a hash of its content.
      const hashed = /[\\/]assets[\\/]/.test(path);
      reply.setHeader("cache-control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
      for (const [name, value] of Object.entries(pageHeaders)) reply.setHeader(name, value);
    },
  });
  return (request, reply) => {
    const [path = ""] = request.url.split("?", 1);
    const view = request.method === "GET" && !/^\/(v\d+|assets|health|metrics)(\/|$)|\.\w+$/.test(path);
    return view && existsSync(directory) ? reply.sendFile("index.html") : undefined;
  };
}
