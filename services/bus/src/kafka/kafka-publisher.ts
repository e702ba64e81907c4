import type { SpanPublisher } from "../bus.ts";
import type { SenderConfig } from "./record-sender.ts";
import { createRecordSender } from "./record-sender.ts";

export type KafkaPublisherConfig = SenderConfig;

/** Publishes to Kafka; the partition is Java's murmur2 of the key. */
export function createKafkaPublisher(config: KafkaPublisherConfig): SpanPublisher {
  const sender = createRecordSender(config);
  return {
    publish: (records) => sender.send(records),
    ready: () => sender.reachable(),
    close: () => sender.close(),
  };
}
