import { beforeAll, expect, it, vi } from "vitest";
import { testBrokers } from "../../../infra/kafka/test-brokers.ts";
import { createKafkaAdmin } from "../src/kafka/kafka-admin.ts";
import { createKafkaClient } from "../src/kafka/kafka-client.ts";
import { createKafkaSockets } from "../src/kafka/kafka-sockets.ts";
import { openTopic } from "./kafka-fixture.ts";

beforeAll(() => testBrokers());

const connections = () => process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;

it("leaves no connection open when one use of an admin fails while another goes on", async () => {
  const { connection, topic } = await openTopic({ partitions: 1 });
  const before = connections();
  const admin = createKafkaAdmin(connection);
  let fail = () => {};
  const failed = new Promise<void>((resolve) => {
    fail = resolve;
  });
  // What it asks next, behind the disconnect that the failure of the other brings about, opens a connection anew.
  const other = admin.use(async (connected) => {
    await failed;
    for (;;) await connected.fetchTopicOffsets(topic);
  });
  other.catch(() => undefined);
  await expect(admin.use(() => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  fail();
  await expect(other).rejects.toThrow();
  await admin.close();
  await vi.waitFor(() => expect(connections()).toBe(before));
});

it("opens no connection for a client that is closed", async () => {
  const { connection } = await openTopic({ partitions: 1 });
  const sockets = createKafkaSockets();
  const admin = createKafkaClient(connection, sockets.open).admin();
  await admin.connect();
  sockets.close();
  await expect(admin.listTopics()).rejects.toThrow();
  await admin.disconnect();
});
