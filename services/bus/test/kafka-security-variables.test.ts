import { parseEnvironment } from "@spanhouse/schemas/environment";
import { expect, test } from "vitest";
import { z } from "zod";
import { kafkaSecurity, kafkaSecurityVariables } from "../src/kafka/security.ts";

const shape = z.object(kafkaSecurityVariables);
const securityOf = (variables: Readonly<Record<string, string>>) => kafkaSecurity(parseEnvironment(shape, variables));

const user = { SPANHOUSE_KAFKA_USERNAME: "u", SPANHOUSE_KAFKA_PASSWORD: "the secret" };

test("nothing set is in clear; SCRAM may be, because it sends no password", () => {
  expect(securityOf({})).toEqual({});
  expect(securityOf({ ...user, SPANHOUSE_KAFKA_SASL: "scram-sha-512" })).toEqual({
    sasl: { mechanism: "scram-sha-512", username: "u", password: "the secret" },
  });
  expect(securityOf({ SPANHOUSE_KAFKA_TLS: "on" })).toEqual({ ssl: {} });
});

test.each([
  [{ SPANHOUSE_KAFKA_SASL: "gssapi" }, /SPANHOUSE_KAFKA_SASL: expected one of plain, scram-sha-256/],
  [{ ...user, SPANHOUSE_KAFKA_SASL: "plain" }, /SPANHOUSE_KAFKA_TLS: expected on: plain sends its secret/],
  [{ SPANHOUSE_KAFKA_TLS_CA_FILE: "ca.pem" }, /SPANHOUSE_KAFKA_TLS: expected on, because SPANHOUSE_KAFKA_TLS_CA_FILE/],
  [
    { SPANHOUSE_KAFKA_TLS: "on", SPANHOUSE_KAFKA_TLS_CA_FILE: "/nowhere/ca.pem" },
    /SPANHOUSE_KAFKA_TLS_CA_FILE: expected a PEM file that can be read \(ENOENT/,
  ],
  [
    { SPANHOUSE_KAFKA_TLS: "on", SPANHOUSE_KAFKA_TLS_CERT_FILE: "a.pem" },
    /SPANHOUSE_KAFKA_TLS_KEY_FILE: expected the certificate's key/,
  ],
  [
    { SPANHOUSE_KAFKA_SASL: "scram-sha-256", SPANHOUSE_KAFKA_USERNAME: "u" },
    /SPANHOUSE_KAFKA_PASSWORD: expected a value, because SPANHOUSE_KAFKA_SASL is scram-sha-256/,
  ],
  [
    {
      SPANHOUSE_KAFKA_TLS: "on",
      SPANHOUSE_KAFKA_SASL: "oauthbearer",
      SPANHOUSE_KAFKA_OAUTH_CLIENT_SECRET: "the secret",
    },
    /SPANHOUSE_KAFKA_OAUTH_TOKEN_URL: expected a value/,
  ],
])("%o is named, and no secret is told", (variables, message) => {
  expect(() => securityOf(variables as Record<string, string>)).toThrow(message);
  expect(() => securityOf(variables as Record<string, string>)).not.toThrow(/the secret/);
});
