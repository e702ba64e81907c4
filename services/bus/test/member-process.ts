// A consumer for a test to kill: prints the text of each record, commits nothing.
import { createKafkaSubscriber } from "../src/kafka/kafka-subscriber.ts";

const [brokers, topic, group] = process.argv.slice(3) as [string, string, string];
const connection = { brokers: brokers.split(","), clientId: "killed-member", log: () => {} };
const subscriber = createKafkaSubscriber({ connection, topic, group }, { checkpoint: async () => undefined });
for await (const { records } of subscriber.batches({ maxBytes: 1_000_000, maxWaitMs: 50 })) {
  for (const { value } of records) process.stdout.write(`${Buffer.from(value).toString()}\n`);
}
