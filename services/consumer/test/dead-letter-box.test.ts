import type { DeadLetter, DeadLetterBox, DeadLetterPublisher, WaitingLetter } from "@spanhouse/bus/dead-letters";
import { createKafkaDeadLetterBox } from "@spanhouse/bus/kafka/kafka-dead-letter-box";
import { createKafkaDeadLetters } from "@spanhouse/bus/kafka/kafka-dead-letters";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTopic } from "../../bus/test/kafka-fixture.ts";
import { testClickHouse } from "../../store/test/test-clickhouse.ts";
import { createDeadLetterTable } from "../src/dead-letter-table.ts";
import { createDeadLetterTableBox } from "../src/dead-letter-table-box.ts";

interface Place {
  readonly publisher: DeadLetterPublisher;
  readonly box: DeadLetterBox;
  /** Until a letter that is written now is told from one that was settled before. */
  readonly later: () => Promise<void>;
  readonly close: () => Promise<void>;
}

async function kafkaPlace(): Promise<Place> {
  const { connection, topic, create } = await openTopic();
  await create(`${topic}.dlq`, 2);
  const config = { connection, topic, maxRecordBytes: 16_000_000 };
  const publisher = createKafkaDeadLetters(config);
  const box = createKafkaDeadLetterBox(config);
  return {
    publisher,
    box,
    later: async () => undefined,
    close: async () => void (await Promise.all([publisher.close(), box.close()])),
  };
}

async function tablePlace(): Promise<Place> {
  const { clickhouse, drop } = await testClickHouse();
  return {
    publisher: createDeadLetterTable(clickhouse),
    box: createDeadLetterTableBox(clickhouse),
    // The table's clock ticks in seconds.
    async later() {
      const now = async () => (await clickhouse.query<{ now: number }>("SELECT toUnixTimestamp(now()) AS now"))[0]!.now;
      const before = await now();
      await expect.poll(now, { timeout: 5_000 }).toBeGreaterThan(before);
    },
    close: drop,
  };
}

const letter = (number: number, project = "shop"): DeadLetter => ({
  key: number % 2 === 0 ? null : Buffer.from(`key ${number}`),
  value: Uint8Array.of(0x0a, 0xff, number),
  headers: {
    "spanhouse-project": project,
    "spanhouse-error-code": "OTLP_TRUNCATED",
    "spanhouse-error-message": `the body ends inside field ${number}`,
    "spanhouse-error-stage": "read",
    "spanhouse-origin-topic": "otlp_spans",
    "spanhouse-origin-partition": "0",
    "spanhouse-origin-offset": String(number),
    "spanhouse-origin-timestamp": "1700000000000",
    "x-theirs": "ü",
  },
});

describe.each([
  ["Kafka's topic", kafkaPlace],
  ["the table", tablePlace],
])("dead letters in %s", (_, open) => {
  let place: Place;

  beforeAll(async () => {
    place = await open();
  });
  afterAll(async () => {
    await place?.close();
  });

  async function waiting(): Promise<WaitingLetter[]> {
    const letters: WaitingLetter[] = [];
    for await (const one of place.box.waiting()) letters.push(one);
    return letters.sort((a, b) => numberOf(a) - numberOf(b));
  }
  const numberOf = ({ value }: DeadLetter): number => value.at(-1) ?? 0;
  const numbers = async () => (await waiting()).map(numberOf);

  test("wait with all that was said of them, until they are settled; one that fails again waits again", async () => {
    expect(await waiting()).toEqual([]);
    // More than a page of the table.
    const letters = Array.from({ length: 45 }, (_, i) => letter(i + 1));
    expect(await place.publisher.publish(letters)).toEqual({ kind: "acknowledged" });

    const found = await waiting();
    expect(
      found.map(({ key, value, headers }) => ({ key: key && Buffer.from(key).toString(), value: [...value], headers })),
    ).toEqual(
      letters.map(({ key, value, headers }) => ({
        key: key && Buffer.from(key).toString(),
        value: [...value],
        headers,
      })),
    );
    expect(new Set(found.map(({ id }) => id)).size).toBe(45);
    expect(Math.abs(found[0]!.writtenAt - Date.now())).toBeLessThan(60_000);

    await place.box.settle(found[0]!, "replayed");
    await place.box.settle(found[44]!, "dropped");
    expect(await numbers()).toEqual(Array.from({ length: 43 }, (_, i) => i + 2));

    await place.later();
    await place.publisher.publish([letters[0]!]);
    expect(await numbers()).toEqual(Array.from({ length: 44 }, (_, i) => i + 1));
  }, 60_000);

  test("reading may stop at any letter", async () => {
    for await (const first of place.box.waiting()) {
      expect(first.headers["x-theirs"]).toBe("ü");
      break;
    }
    expect((await waiting()).length).toBeGreaterThan(0);
  }, 60_000);
});
