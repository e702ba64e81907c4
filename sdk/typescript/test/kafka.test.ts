import { randomUUID } from "node:crypto";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { toModel } from "@spanhouse/schemas/otlp/to-model";
import kafkajs from "kafkajs";
import { expect, test } from "vitest";
import { testBrokers } from "../../../infra/kafka/test-brokers.ts";
import { kafkaTransport } from "../src/kafka.ts";
import { init, shutdown, span, trace } from "../src/spanhouse.ts";

test("over Kafka: a record a trace, keyed by its id, with the project and the content type", async () => {
  const kafka = new kafkajs.Kafka({ brokers: [...(await testBrokers())], logLevel: kafkajs.logLevel.NOTHING });
  const topic = `spans-${randomUUID()}`;
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 2 }], waitForLeaders: true });
  await admin.disconnect();

  init({ transport: kafkaTransport({ kafka, topic, project: "p1" }), service: "kafka" });
  const ids = ["a", "b"].map((name) => trace(name, ({ traceId }) => span("below", () => traceId)));
  expect(await shutdown(20_000)).toMatchObject({ sent: 5, dropped: 0, pending: 0 });

  const records: { key: string; headers: Record<string, string>; spans: string[] }[] = [];
  const consumer = kafka.consumer({ groupId: randomUUID() });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const decoded = decodeTraces(message.value!);
      if (decoded.kind === "failed") throw new Error(decoded.message);
      const spans = toModel(decoded.traces).resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap((scope) => scope.spans.map(({ name = "" }) => name)),
      );
      const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
      records.push({ key: String(message.key), headers: Object.fromEntries(headers), spans });
    },
  });
  await expect.poll(() => records.length, { timeout: 60_000 }).toBe(3);
  await consumer.disconnect();

  for (const id of ids) {
    const record = records.find(({ key }) => key === id);
    expect(record?.headers).toEqual({ "content-type": "application/x-protobuf", "spanhouse-project": "p1" });
    expect(record?.spans).toHaveLength(2);
  }
  expect(records.flatMap(({ spans }) => spans)).toContain("spanhouse.close");
}, 120_000);
