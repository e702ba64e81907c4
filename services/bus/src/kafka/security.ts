import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";
import type { KafkaConnection } from "./kafka-client.ts";
import { createTokenSource } from "./oauth-token.ts";

const mechanisms = ["plain", "scram-sha-256", "scram-sha-512", "oauthbearer"] as const;

const file = () => z.string("the path of a PEM file").optional();

/** How a service proves itself to its brokers, and they to it. */
export const kafkaSecurityVariables = {
  SPANHOUSE_KAFKA_TLS: z.enum(["on", "off"], "on or off").default("off"),
  SPANHOUSE_KAFKA_TLS_CA_FILE: file(),
  SPANHOUSE_KAFKA_TLS_CERT_FILE: file(),
  SPANHOUSE_KAFKA_TLS_KEY_FILE: file(),
  SPANHOUSE_KAFKA_SASL: z.enum(mechanisms, `one of ${mechanisms.join(", ")}`).optional(),
  SPANHOUSE_KAFKA_USERNAME: z.string().optional(),
  SPANHOUSE_KAFKA_PASSWORD: z.string().optional(),
  SPANHOUSE_KAFKA_OAUTH_TOKEN_URL: z.url({ protocol: /^https?$/, error: "a URL of a token endpoint" }).optional(),
  SPANHOUSE_KAFKA_OAUTH_CLIENT_ID: z.string().optional(),
  SPANHOUSE_KAFKA_OAUTH_CLIENT_SECRET: z.string().optional(),
  SPANHOUSE_KAFKA_OAUTH_SCOPE: z.string().optional(),
} as const;

type Values = z.infer<z.ZodObject<typeof kafkaSecurityVariables>>;

export type KafkaSecurity = Pick<KafkaConnection, "ssl" | "sasl">;

/**
 * What the variables say, with the files read. Throws CONFIG for a variable that another one needs, for a file that cannot be
 * read, and for a password or token that would cross the network in clear.
 */
export function kafkaSecurity(values: Values): KafkaSecurity {
  const ssl = tls(values);
  const sasl = credentials(values, ssl !== undefined);
  return { ...(ssl !== undefined && { ssl }), ...(sasl !== undefined && { sasl }) };
}

function tls(values: Values): ConnectionOptions | undefined {
  const { SPANHOUSE_KAFKA_TLS_CERT_FILE: cert, SPANHOUSE_KAFKA_TLS_KEY_FILE: key } = values;
  if (values.SPANHOUSE_KAFKA_TLS === "off") {
    for (const name of ["CA", "CERT", "KEY"] as const) {
      const variable = `SPANHOUSE_KAFKA_TLS_${name}_FILE` as const;
      if (values[variable] !== undefined) throw wrong("SPANHOUSE_KAFKA_TLS", `on, because ${variable} is set`);
    }
    return undefined;
  }
  if (cert !== undefined && key === undefined) throw wrong("SPANHOUSE_KAFKA_TLS_KEY_FILE", "the certificate's key");
  if (key !== undefined && cert === undefined) throw wrong("SPANHOUSE_KAFKA_TLS_CERT_FILE", "the key's certificate");
  const ca = pem("SPANHOUSE_KAFKA_TLS_CA_FILE", values);
  return {
    ...(ca !== undefined && { ca: [ca] }),
    ...(cert !== undefined && {
      cert: pem("SPANHOUSE_KAFKA_TLS_CERT_FILE", values),
      key: pem("SPANHOUSE_KAFKA_TLS_KEY_FILE", values),
    }),
  };
}

function pem(variable: `SPANHOUSE_KAFKA_TLS_${"CA" | "CERT" | "KEY"}_FILE`, values: Values): string | undefined {
  const path = values[variable];
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw wrong(variable, `a PEM file that can be read (${error instanceof Error ? error.message : String(error)})`);
  }
}

function credentials(values: Values, encrypted: boolean): KafkaSecurity["sasl"] {
  const mechanism = values.SPANHOUSE_KAFKA_SASL;
  if (mechanism === undefined) return undefined;
  if (!encrypted && !mechanism.startsWith("scram")) {
    throw wrong("SPANHOUSE_KAFKA_TLS", `on: ${mechanism} sends its secret to the broker`);
  }
  const needed = (variable: keyof Values & string): string => {
    const value = values[variable];
    if (typeof value === "string") return value;
    throw wrong(variable, `a value, because SPANHOUSE_KAFKA_SASL is ${mechanism}`);
  };
  if (mechanism === "oauthbearer") {
    const token = createTokenSource({
      url: needed("SPANHOUSE_KAFKA_OAUTH_TOKEN_URL"),
      clientId: needed("SPANHOUSE_KAFKA_OAUTH_CLIENT_ID"),
      clientSecret: needed("SPANHOUSE_KAFKA_OAUTH_CLIENT_SECRET"),
      scope: values.SPANHOUSE_KAFKA_OAUTH_SCOPE,
      now: Date.now,
    });
    return { mechanism, oauthBearerProvider: async () => ({ value: await token() }) };
  }
  const username = needed("SPANHOUSE_KAFKA_USERNAME");
  const password = needed("SPANHOUSE_KAFKA_PASSWORD");
  switch (mechanism) {
    case "plain":
      return { mechanism, username, password };
    case "scram-sha-256":
      return { mechanism, username, password };
    case "scram-sha-512":
      return { mechanism, username, password };
  }
}

function wrong(variable: string, expected: string): SpanhouseError {
  return new SpanhouseError("CONFIG", `${variable}: expected ${expected}`);
}
