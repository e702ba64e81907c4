import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ClickHouseOptions } from "@spanhouse/store/clickhouse";
import { runTraffic } from "../generator/run-traffic.ts";
import { createKafkaOutlet } from "../outlets/kafka-outlet.ts";
import { builtConsumer, startConsumerProcess } from "./consumer-process.ts";
import type { LocalStack } from "./local-stack.ts";

export interface LiveIngest {
  /** Spans that the consumer has been sent so far. */
  readonly spans: number;
  /** Ends the traffic, then the consumer. Throws what either of them failed with. */
  stop(): Promise<void>;
}

export interface LiveIngestOptions {
  /** Where the consumer writes. */
  readonly clickhouse: ClickHouseOptions;
  readonly project: string;
  /** Spans a second. */
  readonly rate: number;
  readonly seed: number;
}

const topic = "otlp_spans";
const spansPerTrace = 5;
const piecesOfSeconds = 2;

/** Traffic of now through Kafka and a consumer as it is deployed, beside something that is measured. */
export async function startLiveIngest(
  stack: LocalStack,
  { clickhouse, project, rate, seed }: LiveIngestOptions,
): Promise<LiveIngest> {
  const outlet = await createKafkaOutlet({ brokers: stack.brokers, topic, keyless: false, json: false });
  const consumer = await startConsumerProcess({
    ...{ program: builtConsumer, brokers: stack.brokers, topic, group: "live_ingest", clickhouse },
    logFile: join(stack.directory, "live-ingest.log"),
  });
  let spans = 0;
  let stopping = false;

  async function send(): Promise<void> {
    for (let piece = seed; !stopping; piece++) {
      const traces = Math.ceil((rate * piecesOfSeconds) / spansPerTrace);
      const startMs = Date.now() - piecesOfSeconds * 1_000;
      const of = { seed: piece, traces, startMs, hours: piecesOfSeconds / 3_600, projects: [project] };
      spans += (await runTraffic(outlet, { ...of, rate })).sent.spans;
      if (!consumer.running) throw new Error(`the consumer ended:\n${consumer.lastWords()}`);
    }
  }

  const sending = send();
  // Who stops it hears of a failure; until then it is nobody's.
  sending.catch(() => {});
  while (consumer.running && ((await consumer.recordsTaken()) ?? 0) === 0) await delay(100);
  return {
    get spans() {
      return spans;
    },
    async stop() {
      stopping = true;
      await sending.finally(() => outlet.close()).finally(() => consumer.kill());
    },
  };
}
