/// <reference path="../src/kafka/kafkajs-internals.d.ts" />
import { setTimeout as delay } from "node:timers/promises";
import ConsumerGroup from "kafkajs/src/consumer/consumerGroup.js";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { testBrokers } from "../../../infra/kafka/test-brokers.ts";
import { createKafkaPublisher } from "../src/kafka/kafka-publisher.ts";
import { createKafkaSubscriber } from "../src/kafka/kafka-subscriber.ts";
import { recordOf, textOf } from "./conformance.ts";
import { openTopic } from "./kafka-fixture.ts";

beforeAll(() => testBrokers());
afterEach(() => vi.restoreAllMocks());

it("comes back to its group when that has not heard of it and has expelled it", {
  timeout: 120_000,
}, async () => {
  const { connection, topic, group, administer } = await openTopic({ partitions: 2 });
  const publisher = createKafkaPublisher({ connection, topic });
  const publish = (text: string) => publisher.publish([recordOf(text, text)]);
  const subscriber = createKafkaSubscriber(
    { connection, topic, group, sessionTimeoutMs: 6_000 },
    { checkpoint: async () => undefined },
  );
  const committed = new Set<string>();
  const reading = (async () => {
    for await (const { records, generation, positions } of subscriber.batches({ maxBytes: 1_000_000, maxWaitMs: 50 })) {
      if (records.length === 0 || !(await subscriber.commit(generation, positions))) continue;
      for (const record of records) committed.add(textOf(record));
    }
  })();
  const members = () => administer(async (admin) => (await admin.describeGroups([group])).groups[0]!.members.length);
  const eventually = async (holds: () => Promise<boolean> | boolean) => {
    while (!(await holds())) await delay(100);
  };

  await publish("before");
  await eventually(() => committed.has("before"));
  const silent = vi.spyOn(ConsumerGroup.prototype, "heartbeat").mockResolvedValue();
  await eventually(async () => (await members()) === 0);
  silent.mockRestore();
  await publish("after");
  await eventually(() => committed.has("after"));
  expect(await members()).toBe(1);

  await subscriber.close();
  await publisher.close();
  await reading;
});
