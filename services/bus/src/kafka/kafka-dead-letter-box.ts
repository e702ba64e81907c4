import type { DeadLetterBox, WaitingLetter } from "../dead-letters.ts";
import { deadLetterTopic } from "./kafka-dead-letters.ts";
import type { SenderConfig } from "./record-sender.ts";
import { createRecordSender } from "./record-sender.ts";
import { wholeTopic } from "./whole-topic.ts";

/** On a record of the letters' topic that is no letter: it settles the one that it names. */
const settlement = { letter: "spanhouse-settled-letter", verdict: "spanhouse-settled-as" } as const;

const text = new TextDecoder();
const noBytes = new Uint8Array(0);

/**
 * The letters' topic is only ever added to: what was decided of a letter is one more record in it. So the topic is read
 * twice, first for the decisions, and an operator needs nothing but the topic.
 */
export function createKafkaDeadLetterBox(config: SenderConfig): DeadLetterBox {
  const { connection } = config;
  const topic = deadLetterTopic(config.topic);
  const sender = createRecordSender({ ...config, topic });

  async function settledIds(): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    for await (const { headers } of wholeTopic(connection, topic)) {
      const id = headers[settlement.letter];
      if (id) ids.add(text.decode(id));
    }
    return ids;
  }

  return {
    async *waiting(): AsyncGenerator<WaitingLetter> {
      const settled = await settledIds();
      for await (const { partition, offset, key, value, headers, timestamp } of wholeTopic(connection, topic)) {
        const id = `${partition}-${offset}`;
        if (headers[settlement.letter] || settled.has(id)) continue;
        const texts = Object.entries(headers).map(([name, bytes]) => [name, text.decode(bytes)] as const);
        yield { id, key, value, headers: Object.fromEntries(texts), writtenAt: timestamp };
      }
    },
    async settle({ id }, verdict) {
      const headers = { [settlement.letter]: id, [settlement.verdict]: verdict };
      const outcome = await sender.send([{ key: null, value: noBytes, headers }]);
      if (outcome.kind !== "acknowledged") throw new Error(`letter ${id} is not settled: ${outcome.message}`);
    },
    close: () => sender.close(),
  };
}
