import { join } from "node:path";
import { runTraffic } from "../generator/run-traffic.ts";
import { builtConsumer } from "../measure/consumer-process.ts";
import { startLocalStack } from "../measure/local-stack.ts";
import { createKafkaOutlet } from "../outlets/kafka-outlet.ts";
import type { Benchmark } from "./benchmark.ts";
import { runKilledConsumer } from "./killed-consumer.ts";

const topic = "otlp_spans";
/** The least that Kafka's brokers allow by default: a killed member's partitions wait for so long. */
const sessionTimeoutMs = 6_000;
/** Flushes small enough that every kill finds work half done. */
const flushBytes = 2 * 1024 * 1024;

export const kill: Benchmark = {
  name: "kill",
  summary: "the consumer killed (SIGKILL) on its way through generated traffic; every total held against the ledger",
  options: { traces: 20_000, seed: 7, kills: 5 },

  async run({ traces = 0, seed = 0, kills = 0 }, tell) {
    const stack = await startLocalStack();
    const { options, clickhouse } = stack.database("spanhouse");
    try {
      const outlet = await createKafkaOutlet({ brokers: stack.brokers, topic, keyless: false, json: false });
      const { ledger, sent } = await runTraffic(outlet, {
        seed,
        traces,
        startMs: Date.UTC(2026, 9, 5),
        hours: 24,
        projects: ["default"],
        progress: (so) => tell(`produced ${so.spans} spans`),
      }).finally(() => outlet.close());
      const { killedAt, rows, differences } = await runKilledConsumer({
        consumer: {
          program: builtConsumer,
          brokers: stack.brokers,
          topic,
          group: "spanhouse",
          clickhouse: options,
          logFile: join(stack.directory, "consumer.log"),
          sessionTimeoutMs,
          flushBytes,
        },
        clickhouse,
        ledger,
        kills,
        seed,
        tell,
      });
      for (const { place, expected, got } of differences.slice(0, 20))
        tell(`${place}: expected ${expected}, got ${got}`);
      const onTheWay = killedAt.filter((at) => at < rows).length;
      return {
        figures: [
          { name: "spans", value: sent.spans, unit: "spans", target: null, ok: true },
          { name: "kills on the way", value: onTheWay, unit: "kills", target: kills, ok: onTheWay === kills },
          { name: "differences", value: differences.length, unit: "figures", target: 0, ok: differences.length === 0 },
        ],
        versions: await stack.versions(),
      };
    } finally {
      await clickhouse.close();
      await stack.stop();
    }
  },
};
