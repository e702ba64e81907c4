import type { DeadLetterPublisher } from "../dead-letters.ts";
import type { SenderConfig } from "./record-sender.ts";
import { createRecordSender } from "./record-sender.ts";

export interface KafkaDeadLettersConfig extends SenderConfig {
  /** The topic that the records came from; letters go to the one beside it. */
  readonly topic: string;
}

export function deadLetterTopic(topic: string): string {
  return `${topic}.dlq`;
}

export function createKafkaDeadLetters(config: KafkaDeadLettersConfig): DeadLetterPublisher {
  const sender = createRecordSender({ ...config, topic: deadLetterTopic(config.topic) });
  return {
    publish: (letters) => sender.send(letters),
    close: () => sender.close(),
  };
}
