import type { InboundBatch, InboundRecord, SpanSubscriber } from "@spanhouse/bus/bus";
import { expect, test } from "vitest";
import { consumerConfig } from "../src/config.ts";
import { readRecord } from "../src/record-reader.ts";
import { topicOwner, withoutNamedProjects } from "../src/topic-owner.ts";

const needed = { SPANHOUSE_KAFKA_BROKERS: "a:9092", SPANHOUSE_CLICKHOUSE_URL: "http://127.0.0.1:8123" };
const bound = { ...needed, SPANHOUSE_KAFKA_PROJECT_TOPIC_PREFIX: "otlp_spans.", SPANHOUSE_TOPIC_PROJECT: "other" };

test("a topic behind the prefix belongs to the project that it names", () => {
  expect(topicOwner("otlp_spans.shop", "otlp_spans.")).toBe("shop");
  expect(topicOwner("otlp_spans", "otlp_spans.")).toBeUndefined();
  expect(topicOwner("otlp_spans", "")).toBeUndefined();
  const config = consumerConfig({ ...bound, SPANHOUSE_KAFKA_TOPIC: "otlp_spans.shop" });
  expect(config).toMatchObject({ topicOwner: "shop", topicProject: "shop" });
  expect(consumerConfig(bound)).toMatchObject({ topicOwner: undefined, topicProject: "other" });
  expect(() => consumerConfig({ ...bound, SPANHOUSE_KAFKA_TOPIC: "otlp_spans.A" })).toThrow(
    /a project's name.*otlp_spans\.A/,
  );
});

test("what a record of such a topic says of its project is not heard", async () => {
  const headers = { "spanhouse-project": Buffer.from("bank"), "content-type": Buffer.from("application/x-protobuf") };
  const forged: InboundRecord = {
    ...{ topic: "otlp_spans.shop", partition: 0, offset: 1n, key: null, value: new Uint8Array([0x0a, 0]) },
    ...{ headers, timestamp: 0 },
  };
  const batch: InboundBatch = { generation: 1, records: [forged], positions: [], more: false };
  const subscriber = {
    async *batches() {
      yield batch;
    },
  } as unknown as SpanSubscriber;
  expect(readRecord(forged, "shop")).toMatchObject({ project: "bank" });
  for await (const { records } of withoutNamedProjects(subscriber).batches({ maxBytes: 1, maxWaitMs: 1 })) {
    expect(readRecord(records[0]!, "shop")).toMatchObject({ kind: "traces", project: "shop" });
    expect(Object.keys(records[0]!.headers)).toEqual(["content-type"]);
  }
});
