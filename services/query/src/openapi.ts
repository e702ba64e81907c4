import swagger from "@fastify/swagger";
import { problemSchema } from "@spanhouse/schemas/api/problem";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { z } from "zod";
import { sessionCookie } from "./session.ts";
import { version } from "./version.ts";

z.globalRegistry.add(problemSchema, { id: "Problem" });

/** To be called before the routes that it shall describe. */
export function describeApi(app: FastifyInstance): void {
  app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Spanhouse query API",
        description:
          "Traces, spans, exact bytes and metrics of the project that the API key belongs to. Errors are RFC 9457 " +
          "problem details with a code. Money is USD in decimal strings; times are RFC 3339 in UTC.",
        version,
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      components: {
        securitySchemes: {
          key: { type: "http", scheme: "bearer", description: "an API key of scope read" },
          session: { type: "apiKey", in: "cookie", name: sessionCookie, description: "the viewer's log-in" },
        },
      },
      security: [{ key: [] }, { session: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: answersAlone,
  });
}

/** Bodies are described where they are taken: what the named schemas are as input is of no use. */
const answersAlone: typeof jsonSchemaTransformObject = (described) => {
  const document = jsonSchemaTransformObject(described) as {
    readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
  };
  const schemas = Object.entries(document.components.schemas).filter(([name]) => !name.endsWith("Input"));
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(schemas) } } as ReturnType<
    typeof jsonSchemaTransformObject
  >;
};
