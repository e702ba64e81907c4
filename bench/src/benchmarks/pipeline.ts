import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { awaitLedger } from "../check/await-ledger.ts";
import { runTraffic, type TrafficSent } from "../generator/run-traffic.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { builtConsumer, type ConsumerProcess, startConsumerProcess } from "../measure/consumer-process.ts";
import { type LocalStack, startLocalStack } from "../measure/local-stack.ts";
import { usageOf } from "../measure/process-usage.ts";
import type { Figure } from "../measure/report.ts";
import { createKafkaOutlet } from "../outlets/kafka-outlet.ts";
import type { Benchmark } from "./benchmark.ts";

interface Round {
  readonly seconds: number;
  readonly consumerCpuSeconds: number;
  readonly clickhouseCpuSeconds: number;
  readonly consumerPeakBytes: number;
  readonly differences: number;
}

const topic = "otlp_spans";
const spansPerTrace = 5;
const pollMs = 250;

/**
 * From a filled Kafka topic to the tables, by one consumer process as it is deployed. The clock runs from when the
 * process answers until it has stored, rolled up and committed everything and left. The traffic is of few minutes, as a
 * busy system's is: spread over a day, so few spans would share no slice.
 */
export const pipeline: Benchmark = {
  name: "pipeline",
  summary: "spans a second and CPU a span, from Kafka to the tables, end state held against the ledger",
  options: { spans: 200_000, minutes: 5, seed: 7, rounds: 1 },

  async run({ spans = 0, minutes = 0, seed = 0, rounds = 0 }, tell) {
    const stack = await startLocalStack();
    try {
      const outlet = await createKafkaOutlet({ brokers: stack.brokers, topic, keyless: false, json: false });
      const { ledger, sent } = await runTraffic(outlet, {
        seed,
        traces: Math.ceil(spans / spansPerTrace),
        startMs: Date.UTC(2026, 9, 5),
        hours: minutes / 60,
        projects: ["default"],
        progress: (so) => tell(`produced ${so.spans} spans`),
      }).finally(() => outlet.close());
      const done: Round[] = [];
      for (let n = 1; n <= rounds; n++) {
        const round = await consume(stack, ledger, sent, `round_${n}`);
        tell(`round ${n}: ${Math.round(sent.spans / round.seconds)} spans/s, ${round.differences} differences`);
        done.push(round);
      }
      return { figures: figuresOf(done, sent), versions: await stack.versions() };
    } finally {
      await stack.stop();
    }
  },
};

async function consume(stack: LocalStack, ledger: Ledger, sent: TrafficSent, name: string): Promise<Round> {
  const { options, clickhouse } = stack.database(name);
  const consumer = await startConsumerProcess({
    program: builtConsumer,
    brokers: stack.brokers,
    topic,
    group: name,
    clickhouse: options,
    logFile: join(stack.directory, `${name}.log`),
  });
  try {
    while ((await consumer.recordsTaken()) === undefined) await next(consumer);
    const began = performance.now();
    const [own, engine] = [usageOf(consumer.pid), usageOf(stack.engine.pid)];
    while (((await consumer.recordsTaken()) ?? 0) < sent.deliveries) await next(consumer);

    let last = usageOf(consumer.pid);
    const stopped = consumer.stop().then(() => true);
    while (!(await Promise.race([stopped, delay(20, false)]))) {
      const now = consumer.running ? usageOf(consumer.pid) : last;
      // A process on its way out has no memory any more.
      if (now.peakBytes > 0) last = now;
    }
    return {
      seconds: (performance.now() - began) / 1000,
      consumerCpuSeconds: last.cpuSeconds - own.cpuSeconds,
      clickhouseCpuSeconds: usageOf(stack.engine.pid).cpuSeconds - engine.cpuSeconds,
      consumerPeakBytes: last.peakBytes,
      differences: (await awaitLedger(ledger, clickhouse, 0)).differences.length,
    };
  } finally {
    await consumer.kill();
    await clickhouse.close();
  }
}

async function next(consumer: ConsumerProcess): Promise<void> {
  if (!consumer.running) throw new Error(`the consumer ended before its work:\n${consumer.lastWords()}`);
  await delay(pollMs);
}

function figuresOf(rounds: readonly Round[], sent: TrafficSent): Figure[] {
  const median = (of: (round: Round) => number) => rounds.map(of).sort((a, b) => a - b)[Math.floor(rounds.length / 2)]!;
  const measured = (name: string, value: number, unit: string): Figure => ({
    name,
    value,
    unit,
    target: null,
    ok: true,
  });
  const differences = rounds.reduce((sum, round) => sum + round.differences, 0);
  return [
    measured("spans", sent.spans, "spans"),
    measured("throughput", sent.spans / median(({ seconds }) => seconds), "spans/s"),
    measured("consumer CPU", (median((round) => round.consumerCpuSeconds) / sent.spans) * 1e6, "µs/span"),
    measured("ClickHouse CPU", (median((round) => round.clickhouseCpuSeconds) / sent.spans) * 1e6, "µs/span"),
    measured("consumer memory, peak", median((round) => round.consumerPeakBytes) / 2 ** 20, "MiB"),
    { name: "differences from the ledger", value: differences, unit: "figures", target: 0, ok: differences === 0 },
  ];
}
