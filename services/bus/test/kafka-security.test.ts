import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { parseEnvironment } from "@spanhouse/schemas/environment";
import kafkajs from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import {
  certificateUser,
  passwords,
  type SecuredBroker,
  startSecuredBroker,
} from "../../../infra/kafka/secured-broker.ts";
import { kafkaTransport } from "../../../sdk/typescript/src/kafka.ts";
import { kafkaVariables } from "../src/kafka/environment.ts";
import { createKafkaClient } from "../src/kafka/kafka-client.ts";
import { createKafkaPublisher } from "../src/kafka/kafka-publisher.ts";
import { createKafkaSubscriber } from "../src/kafka/kafka-subscriber.ts";
import { kafkaSecurity } from "../src/kafka/security.ts";
import { ensureTopic } from "../src/kafka/topic.ts";

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;
const ours = "otlp_spans";
const theirs = "otlp_spans.shop";

let broker: SecuredBroker;
beforeAll(async () => {
  broker = await startSecuredBroker();
  const connection = { brokers: broker.admin, clientId: "admin", log: () => {} };
  for (const topic of [ours, theirs]) await ensureTopic(connection, { topic, partitions: 1 });
  const admin = createKafkaClient(connection).admin();
  await admin.connect();
  const allow = (principal: string, operation: number, resourceType: number, resourceName: string) => ({
    ...{ principal, operation, resourceType, resourceName, host: "*" },
    ...{ permissionType: AclPermissionTypes.ALLOW, resourcePatternType: ResourcePatternTypes.LITERAL },
  });
  // As docs/guides/kafka-security.md says.
  await admin.createAcls({
    acl: [
      allow("User:gateway", AclOperationTypes.WRITE, AclResourceTypes.TOPIC, ours),
      allow("User:shop", AclOperationTypes.WRITE, AclResourceTypes.TOPIC, theirs),
      allow(certificateUser, AclOperationTypes.WRITE, AclResourceTypes.TOPIC, theirs),
      allow("User:consumer", AclOperationTypes.READ, AclResourceTypes.TOPIC, ours),
      allow("User:consumer", AclOperationTypes.READ, AclResourceTypes.TOPIC, theirs),
      allow("User:consumer", AclOperationTypes.READ, AclResourceTypes.GROUP, "spanhouse"),
    ],
  });
  await admin.disconnect();
}, 90_000);
afterAll(() => broker.stop());

const shape = z.object(kafkaVariables);

/** A connection as a service has it from these variables. */
function connectionBy(brokers: readonly string[], variables: Readonly<Record<string, string>>) {
  const values = parseEnvironment(shape, { SPANHOUSE_KAFKA_BROKERS: brokers.join(","), ...variables });
  return { brokers, clientId: "test", log: () => {}, ...kafkaSecurity(values) };
}

const tls = () => ({ SPANHOUSE_KAFKA_TLS: "on", SPANHOUSE_KAFKA_TLS_CA_FILE: broker.files.ca });
const sasl = (mechanism: string, user: keyof typeof passwords, password: string = passwords[user]) => ({
  ...tls(),
  ...{ SPANHOUSE_KAFKA_SASL: mechanism, SPANHOUSE_KAFKA_USERNAME: user, SPANHOUSE_KAFKA_PASSWORD: password },
});

async function publish(connection: ReturnType<typeof connectionBy>, topic: string) {
  const publisher = createKafkaPublisher({ connection, topic, maxRecordBytes: 100_000, maxInFlightBytes: 1_000_000 });
  try {
    return await publisher.publish([{ key: "1".repeat(32), value: new Uint8Array([1]), headers: {} }]);
  } finally {
    await publisher.close();
  }
}

test.each(["plain", "scram-sha-256", "scram-sha-512"])(
  "%s over TLS: who may write to a topic does, others do not",
  async (mechanism) => {
    expect(await publish(connectionBy(broker.sasl, sasl(mechanism, "gateway")), ours)).toEqual({
      kind: "acknowledged",
    });
    expect((await publish(connectionBy(broker.sasl, sasl(mechanism, "shop")), ours)).kind).toBe("unavailable");
    expect((await publish(connectionBy(broker.sasl, sasl(mechanism, "gateway", "wrong")), ours)).kind).toBe(
      "unavailable",
    );
  },
);

test("mutual TLS: the certificate's name is who writes; without one, nobody does", async () => {
  const { cert, key } = broker.files;
  const mutual = { ...tls(), SPANHOUSE_KAFKA_TLS_CERT_FILE: cert, SPANHOUSE_KAFKA_TLS_KEY_FILE: key };
  expect(await publish(connectionBy(broker.mutual, mutual), theirs)).toEqual({ kind: "acknowledged" });
  expect((await publish(connectionBy(broker.mutual, mutual), ours)).kind).toBe("unavailable");
  expect((await publish(connectionBy(broker.mutual, tls()), theirs)).kind).toBe("unavailable");
});

test("a broker that another authority vouches for is none of ours", async () => {
  const strangers = { ...sasl("scram-sha-512", "gateway"), SPANHOUSE_KAFKA_TLS_CA_FILE: broker.files.strangersCa };
  expect((await publish(connectionBy(broker.sasl, strangers), ours)).kind).toBe("unavailable");
});

test("OAUTHBEARER: tokens of client credentials, asked for again before they expire", async () => {
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  let asked = 0;
  const endpoint = createServer((request, response) => {
    asked++;
    expect(request.headers.authorization).toBe(`Basic ${btoa("spans:its%20secret")}`);
    const now = Math.floor(Date.now() / 1000);
    const token = `${encoded({ alg: "none" })}.${encoded({ sub: "gateway", iat: now, exp: now + 300 })}.`;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ access_token: token, token_type: "bearer", expires_in: 300 }));
  }).listen(0, "127.0.0.1");
  await once(endpoint, "listening");
  const connection = connectionBy(broker.sasl, {
    ...tls(),
    SPANHOUSE_KAFKA_SASL: "oauthbearer",
    SPANHOUSE_KAFKA_OAUTH_TOKEN_URL: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/token`,
    SPANHOUSE_KAFKA_OAUTH_CLIENT_ID: "spans",
    SPANHOUSE_KAFKA_OAUTH_CLIENT_SECRET: "its secret",
  });
  expect(await publish(connection, ours)).toEqual({ kind: "acknowledged" });
  expect(await publish(connection, theirs)).toMatchObject({ kind: "unavailable" });
  expect(asked).toBe(1);
  endpoint.close();
});

test("a consumer reads as the group that it may be in", async () => {
  const connection = connectionBy(broker.sasl, sasl("scram-sha-512", "consumer"));
  const subscriber = createKafkaSubscriber(
    { connection, topic: ours, group: "spanhouse" },
    { checkpoint: async () => undefined },
  );
  for await (const batch of subscriber.batches({ maxBytes: 1_000_000, maxWaitMs: 100 })) {
    if (batch.records.length === 0) continue;
    expect(batch.records[0]?.value).toEqual(Buffer.from([1]));
    expect(await subscriber.commit(batch.generation, batch.positions)).toBe(true);
    break;
  }
  await subscriber.close();
});

test("the TypeScript SDK's transport writes with its kafkajs client's credentials", async () => {
  const { ssl, sasl: credentials } = connectionBy(broker.sasl, sasl("scram-sha-512", "shop"));
  const kafka = new kafkajs.Kafka({
    ...{ brokers: [...broker.sasl], ssl: ssl!, sasl: credentials!, logLevel: kafkajs.logLevel.NOTHING },
    retry: { retries: 0 },
  });
  const request = { traces: [{ traceId: "2".repeat(32), spans: [] }], request: () => [Buffer.from([2])] } as never;
  const [allowed, forbidden] = [theirs, ours].map((topic) => kafkaTransport({ kafka, topic }));
  expect(await allowed!.send(request)).toMatchObject({ kind: "sent" });
  expect(await forbidden!.send(request)).toMatchObject({ kind: "retry" });
  await Promise.all([allowed!.close(), forbidden!.close()]);
});

const python = fileURLToPath(new URL("../../../sdk/python/", import.meta.url));
const program = `
import os
import spanhouse
from spanhouse.kafka import KafkaTransport

transport = KafkaTransport(os.environ["BROKERS"], topic="${theirs}", config={
    "security.protocol": "SASL_SSL", "ssl.ca.location": os.environ["CA"],
    "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "shop", "sasl.password": os.environ["PASSWORD"],
})
spanhouse.init(transport=transport)
with spanhouse.trace("by Kafka"):
    pass
spanhouse.shutdown()
`;

test("the Python SDK's transport writes with librdkafka's settings", async () => {
  const child = spawn(`${python}.venv/bin/python`, ["-c", program], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...{ PYTHONPATH: `${python}src`, BROKERS: broker.sasl.join(","), CA: broker.files.ca },
      PASSWORD: passwords.shop,
    },
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  expect(await once(child, "exit"), said).toEqual([0, null]);
  const admin = createKafkaClient({ brokers: broker.admin, clientId: "admin", log: () => {} }).admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(theirs);
  await admin.disconnect();
  expect(Number(offsets[0]?.high)).toBeGreaterThanOrEqual(3);
});
