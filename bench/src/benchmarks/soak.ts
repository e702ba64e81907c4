import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { awaitLedger } from "../check/await-ledger.ts";
import { runTraffic } from "../generator/run-traffic.ts";
import { builtConsumer, type ConsumerProcess, startConsumerProcess } from "../measure/consumer-process.ts";
import { startLocalStack } from "../measure/local-stack.ts";
import { median } from "../measure/median.ts";
import type { Figure } from "../measure/report.ts";
import { createKafkaOutlet } from "../outlets/kafka-outlet.ts";
import type { Benchmark } from "./benchmark.ts";

const topic = "otlp_spans";
const tracesPerRound = 2_000;
const sampleMs = 5_000;
/** What the last third of the time may lie above the second one. The first is for warming up. */
const allowedGrowth = 0.1;
/** Between two merges there are always some parts more. */
const allowedParts = 0.25;
const heapBytes = 256 * 1024 * 1024;

interface Sample {
  readonly heap: number;
  readonly descriptors: number;
  readonly parts: number;
}

/**
 * How fast the consumer works off a backlog is measured first; then it gets a share of that for a long time, in rounds
 * of traffic of other days.
 */
export const soak: Benchmark = {
  name: "soak",
  summary: "the consumer at a share of its greatest speed for minutes: heap, descriptors and active parts stay",
  options: { minutes: 30, percent: 50, seed: 7 },

  async run({ minutes = 0, percent = 0, seed = 0 }, tell) {
    const stack = await startLocalStack();
    const { options, clickhouse } = stack.database("spanhouse");
    const outlet = await createKafkaOutlet({ brokers: stack.brokers, topic, keyless: false, json: false });
    const round = (number: number, rate?: number) =>
      runTraffic(outlet, {
        seed: seed + number,
        traces: tracesPerRound,
        startMs: Date.UTC(2026, 9, 5),
        hours: 24,
        projects: [`round-${number}`],
        rate,
      });
    const consumer = await startConsumerProcess({
      program: [`--max-old-space-size=${heapBytes / 1024 ** 2}`, ...builtConsumer],
      brokers: stack.brokers,
      topic,
      group: "spanhouse",
      clickhouse: options,
      logFile: join(stack.directory, "consumer.log"),
    });
    try {
      const began = performance.now();
      const first = await round(0);
      await awaitLedger(first.ledger, clickhouse, 600_000);
      const greatest = first.sent.spans / ((performance.now() - began) / 1000);
      const rate = (greatest * percent) / 100;
      tell(`${greatest.toFixed(0)} spans/s at most; ${rate.toFixed(0)} spans/s for ${minutes} min`);

      const samples: Sample[] = [];
      const over = new AbortController();
      const sampling = sampleUntil(over.signal, async () => {
        samples.push(await sampleOf(consumer, clickhouse));
      });
      const until = performance.now() + minutes * 60_000;
      let [last, spans] = [first, first.sent.spans];
      for (let number = 1; performance.now() < until; number++) {
        last = await round(number, rate);
        spans += last.sent.spans;
        const { heap = 0, descriptors = 0, parts = 0 } = samples.at(-1) ?? {};
        tell(`${spans} spans; heap ${(heap / 1024 ** 2).toFixed(0)} MiB, ${descriptors} descriptors, ${parts} parts`);
      }
      over.abort();
      await sampling;
      const { differences } = await awaitLedger(last.ledger, clickhouse, 120_000);
      await consumer.stop();
      return {
        figures: [
          { name: "minutes", value: minutes, unit: "min", target: null, ok: true },
          { name: "greatest speed", value: Math.round(greatest), unit: "spans/s", target: null, ok: true },
          { name: "spans", value: spans, unit: "spans", target: null, ok: true },
          ...growthOf(samples, "heap", "bytes", allowedGrowth),
          ...growthOf(samples, "descriptors", "descriptors", allowedGrowth),
          ...growthOf(samples, "parts", "active parts", allowedParts),
          {
            ...{ name: "differences of the last round", value: differences.length, unit: "figures", target: 0 },
            ok: differences.length === 0,
          },
        ],
        versions: await stack.versions(),
      };
    } finally {
      await consumer.kill();
      await outlet.close();
      await clickhouse.close();
      await stack.stop();
    }
  },
};

async function sampleUntil(signal: AbortSignal, sample: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await sample();
    await delay(sampleMs, undefined, { signal }).catch(() => undefined);
  }
}

/** The live heap swings between collections: what is used after them is seen by the least of some samples. */
async function sampleOf(consumer: ConsumerProcess, clickhouse: ClickHouse): Promise<Sample> {
  const [parts] = await clickhouse.queryRows<[string]>(
    "SELECT toString(count()) FROM system.parts WHERE active AND database = currentDatabase()",
  );
  return {
    heap: (await consumer.metric("nodejs_heap_size_used_bytes")) ?? 0,
    descriptors: readdirSync(`/proc/${consumer.pid}/fd`).length,
    parts: Number(parts![0]),
  };
}

/** The medians of the second and the last third, and how much the one lies above the other. */
function growthOf(samples: readonly Sample[], of: keyof Sample, unit: string, allowed: number): Figure[] {
  const third = Math.floor(samples.length / 3);
  const middle = median(samples.slice(third, 2 * third).map((sample) => sample[of]));
  const end = median(samples.slice(2 * third).map((sample) => sample[of]));
  const growth = middle > 0 ? end / middle - 1 : Number.POSITIVE_INFINITY;
  return [
    { name: `${of}, second third`, value: Math.round(middle), unit, target: null, ok: true },
    { name: `${of}, last third`, value: Math.round(end), unit, target: null, ok: true },
    { name: `${of}, growth`, value: Number(growth.toFixed(3)), unit: "ratio", target: allowed, ok: growth <= allowed },
  ];
}
