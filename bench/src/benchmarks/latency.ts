import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { runTraffic } from "../generator/run-traffic.ts";
import { createProbes, type Place, places } from "../latency/probes.ts";
import { builtConsumer, type ConsumerProcess, startConsumerProcess } from "../measure/consumer-process.ts";
import { startLocalStack } from "../measure/local-stack.ts";
import { percentile } from "../measure/percentile.ts";
import type { Figure } from "../measure/report.ts";
import { createKafkaOutlet } from "../outlets/kafka-outlet.ts";
import type { Benchmark } from "./benchmark.ts";

const topic = "otlp_spans";
const group = "spanhouse";
const shares = [15, 50] as const;
/** p99 at each share of the maximum, ms. */
const targets: Readonly<Record<Place, Readonly<Record<(typeof shares)[number], number>>>> = {
  span: { 15: 600, 50: 1_500 },
  summary: { 15: 600, 50: 1_500 },
  rollup: { 15: 6_000, 50: 6_000 },
};
const takeoverTarget = 15_000;
const probeEveryMs = 100;
const spansPerTrace = 5;

/**
 * The maximum is what one consumer works off of a backlog, rolls included; then the same traffic, live, at shares of it. The
 * broker, ClickHouse, the traffic's generator and the consumer share the machine, so that the shares are of all of it.
 */
export const latency: Benchmark = {
  name: "latency",
  summary:
    "from publishing until a span, its summary and its sums can be queried; until a killed consumer's work goes on",
  options: { backlog: 60_000, seconds: 40, seed: 7 },

  async run({ backlog = 0, seconds = 0, seed = 0 }, tell) {
    const stack = await startLocalStack();
    const { options, clickhouse } = stack.database("spanhouse");
    const consumers: ConsumerProcess[] = [];
    const start = async () => {
      const logFile = join(stack.directory, `consumer-${consumers.length}.log`);
      const program = builtConsumer;
      const consumer = await startConsumerProcess({
        ...{ program, brokers: stack.brokers, topic, group, clickhouse: options, logFile },
      });
      consumers.push(consumer);
      while ((await consumer.recordsTaken()) === undefined) await delay(100);
      return consumer;
    };
    const outlet = await createKafkaOutlet({ brokers: stack.brokers, topic, keyless: false, json: false });
    const probes = createProbes(clickhouse, stack.brokers, topic);
    const send = (spans: number, rate: number | undefined, minutes: number) =>
      runTraffic(outlet, {
        ...{ seed: seed++, traces: Math.ceil(spans / spansPerTrace), rate, projects: ["default"] },
        ...{ startMs: Date.now() - minutes * 60_000, hours: minutes / 60 },
      });
    const figures: Figure[] = [];
    try {
      const { sent } = await send(backlog, undefined, 5);
      const first = await start();
      const began = performance.now();
      while (((await first.recordsTaken()) ?? 0) < sent.deliveries) await delay(50);
      await probes.run({ everyMs: probeEveryMs, forMs: 0 });
      const maximum = sent.spans / ((performance.now() - began) / 1000);
      figures.push(measured("maximum", maximum, "spans/s"));
      tell(`maximum: ${Math.round(maximum)} spans/s`);

      for (const share of shares) {
        const rate = (maximum * share) / 100;
        const [found] = await Promise.all([
          probes.run({ everyMs: probeEveryMs, forMs: seconds * 1_000 }),
          send(rate * seconds, rate, 1),
        ]);
        for (const place of places) {
          const name = `${place}, ${share} % of the maximum`;
          for (const p of [50, 95]) figures.push(measured(`${name}: p${p}`, percentile(found[place], p), "ms"));
          figures.push(atMost(`${name}: p99`, percentile(found[place], 99), targets[place][share]));
          tell(`${name}: p99 ${Math.round(percentile(found[place], 99))} ms`);
        }
      }

      await start();
      // Both have partitions when probes come through at their usual pace again.
      await probes.run({ everyMs: probeEveryMs, forMs: 5_000 });
      await first.kill();
      const { span } = await probes.run({ everyMs: probeEveryMs, forMs: takeoverTarget });
      figures.push(atMost("takeover of a killed consumer", Math.max(...span), takeoverTarget));
      return { figures, versions: await stack.versions() };
    } finally {
      await Promise.all(consumers.map((consumer) => consumer.kill()));
      await Promise.all([outlet.close(), probes.close(), clickhouse.close()]);
      await stack.stop();
    }
  },
};

function measured(name: string, value: number, unit: string): Figure {
  return { name, value, unit, target: null, ok: true };
}

function atMost(name: string, value: number, target: number): Figure {
  return { name, value, unit: "ms", target, ok: value <= target };
}
