import type { IncomingMessage, ServerResponse } from "node:http";
import { problemContentType, problemSchema } from "@spanhouse/schemas/api/problem";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { GrantAccess, KeyOf } from "../access.ts";
import type { LayoutCache } from "../layout-cache.ts";

/** A fastify whose route schemas are zod's. */
export type ZodFastify = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export interface RouteParts {
  readonly keyOf: KeyOf;
  /** With a key of scope read. */
  readonly grantAccess: GrantAccess;
  /** With a key of scope admin. */
  readonly adminReader: GrantAccess;
  readonly layouts: LayoutCache;
  readonly now: () => number;
}

export const problem = (description: string) => ({
  description,
  content: { [problemContentType]: { schema: problemSchema } },
});

/** What every route that reads a project may answer instead. */
export const problems = {
  400: problem("INVALID_PARAMETER or INVALID_CURSOR"),
  401: problem("KEY_MISSING or KEY_UNKNOWN"),
  403: problem("KEY_SCOPE or CROSS_ORIGIN"),
  422: problem("QUERY_TOO_EXPENSIVE"),
  500: problem("INTERNAL"),
  503: problem("STORE_UNAVAILABLE"),
} as const;

export const conflict = { 409: problem("CONFLICT") } as const;

export const notFound = { 404: problem("NOT_FOUND") } as const;
