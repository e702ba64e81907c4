import { createKafkaPublisher } from "../src/kafka/kafka-publisher.ts";
import { createKafkaSubscriber } from "../src/kafka/kafka-subscriber.ts";
import { describeBus } from "./conformance.ts";
import { openTopic } from "./kafka-fixture.ts";

describeBus("Kafka", async ({ maxInFlightBytes, maxRecordBytes }) => {
  const { connection, topic, group } = await openTopic({ partitions: 4 });
  const opened: { close(): Promise<void> }[] = [];
  const open = <T extends { close(): Promise<void> }>(part: T): T => {
    opened.push(part);
    return part;
  };
  return {
    publisher: () => open(createKafkaPublisher({ connection, topic, maxInFlightBytes, maxRecordBytes })),
    subscriber: (checkpoint) => open(createKafkaSubscriber({ connection, topic, group }, { checkpoint })),
    unstored: "acknowledged",
    abandon: (subscriber) => subscriber.close(),
    close: async () => {
      await Promise.all(opened.map((part) => part.close()));
    },
  };
});
