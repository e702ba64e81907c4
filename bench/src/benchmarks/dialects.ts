import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { recordHeader } from "@spanhouse/bus/bus";
import { createRecordSender } from "@spanhouse/bus/kafka/record-sender";
import { ensureTopic } from "@spanhouse/bus/kafka/topic";
import { exactPrice } from "@spanhouse/conformance/integrations/exact-price";
import { standingOf } from "@spanhouse/conformance/integrations/page";
import {
  instrumentations,
  type JudgedRecording,
  type Recording,
  recordingsOf,
} from "@spanhouse/conformance/integrations/recordings";
import { judge } from "@spanhouse/conformance/integrations/verdict";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { recordedSpans } from "../check/recorded-spans.ts";
import { builtConsumer, startConsumerProcess } from "../measure/consumer-process.ts";
import { type LocalStack, startLocalStack } from "../measure/local-stack.ts";
import type { Benchmark } from "./benchmark.ts";

const topic = "otlp_spans";
const patienceMs = 120_000;

/** Of the recordings in a project each, which is how they stay apart. */
const projectOf = ({ instrumentation, feature }: Recording) => `${instrumentation}-${feature}`;

export const dialects: Benchmark = {
  name: "dialects",
  summary: "recordings of others' instrumentations over Kafka into the store, held against the provider's ground truth",
  options: {},

  async run(_options, tell) {
    const recordings = instrumentations().flatMap(recordingsOf);
    const stack = await startLocalStack();
    const { options, clickhouse } = stack.database("spanhouse");
    try {
      await produce(stack, recordings);
      const consumer = await startConsumerProcess({
        program: builtConsumer,
        brokers: stack.brokers,
        topic,
        group: "spanhouse",
        clickhouse: options,
        logFile: join(stack.directory, "consumer.log"),
      });
      try {
        const deadline = Date.now() + patienceMs;
        while ((await consumer.recordsTaken().catch(() => 0)) !== recordings.filter(hasSpans).length) {
          if (!consumer.running || Date.now() > deadline) throw new Error(`not worked off:\n${consumer.lastWords()}`);
          await delay(100);
        }
        // Stops when everything taken is stored.
        await consumer.stop();
      } finally {
        await consumer.kill();
      }
      return { figures: await figuresOf(recordings, clickhouse, tell), versions: await stack.versions() };
    } finally {
      await clickhouse.close();
      await stack.stop();
    }
  },
};

function hasSpans({ otlp }: Recording): boolean {
  return (otlp as { readonly resourceSpans: readonly unknown[] }).resourceSpans.length > 0;
}

async function produce({ brokers }: LocalStack, recordings: readonly Recording[]): Promise<void> {
  const connection = { brokers, clientId: "spanhouse-dialects", log: () => undefined };
  await ensureTopic(connection, { topic, partitions: 8, maxMessageBytes: 10_000_000 });
  const sender = createRecordSender({ connection, topic });
  const records = recordings.filter(hasSpans).map((recording) => ({
    key: null,
    value: new TextEncoder().encode(JSON.stringify(recording.otlp)),
    headers: { [recordHeader.contentType]: "application/json", [recordHeader.project]: projectOf(recording) },
  }));
  const outcome = await sender.send(records);
  await sender.close();
  if (outcome.kind !== "acknowledged") throw new Error(`Kafka does not take the recordings: ${outcome.message}`);
}

async function figuresOf(recordings: readonly JudgedRecording[], clickhouse: ClickHouse, tell: (line: string) => void) {
  const standings = { right: 0, partial: 0, "not emitted": 0 };
  let [calls, found, priced, wrong] = [0, 0, 0, 0];
  for (const recording of recordings) {
    const verdict = judge(recording, await recordedSpans(clickhouse, projectOf(recording)), exactPrice);
    standings[standingOf(verdict)]++;
    calls += verdict.calls;
    found += verdict.found;
    priced += verdict.priced;
    wrong += verdict.wrong.length;
    for (const what of verdict.wrong) tell(`${projectOf(recording)}: ${what}`);
  }
  const figure = (name: string, value: number, unit: string, target: number | null = null) => ({
    ...{ name, value, unit, target },
    ok: target === null || value === target,
  });
  return [
    figure(
      "instrumentations",
      new Set(recordings.map(({ instrumentation }) => instrumentation)).size,
      "instrumentations",
    ),
    figure("features right", standings.right, "features"),
    figure("features partial", standings.partial, "features"),
    figure("features not emitted", standings["not emitted"], "features"),
    figure("calls of the provider", calls, "calls"),
    figure("calls found", found, "calls"),
    figure("calls priced exactly", priced, "calls"),
    figure("calls priced twice or off by a pico-dollar", wrong, "calls", 0),
  ];
}
