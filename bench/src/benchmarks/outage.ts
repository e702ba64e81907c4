import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readLogPositions } from "@spanhouse/bus/kafka/log-positions";
import { awaitLedger } from "../check/await-ledger.ts";
import { runTraffic } from "../generator/run-traffic.ts";
import { builtConsumer, type ConsumerProcess, startConsumerProcess } from "../measure/consumer-process.ts";
import { startLocalStack } from "../measure/local-stack.ts";
import type { Figure } from "../measure/report.ts";
import { createKafkaOutlet } from "../outlets/kafka-outlet.ts";
import type { Benchmark } from "./benchmark.ts";

const topic = "otlp_spans";
const group = "spanhouse";
const spansPerTrace = 5;
/** At the load, before the outage: how far behind commits are when nothing is wrong is seen in it. */
const usualSeconds = 20;
/** As a share of the outage. */
const target = 3;
const sampleMs = 250;

/**
 * The maximum is what one consumer works off of a backlog, commits included. Then traffic comes at a share of it, something
 * is away for a while, and the traffic goes on. Everything shares the machine, so that the load is of all of it.
 */
export const outage: Benchmark = {
  name: "outage",
  summary: "how long after an outage of the consumer, and of ClickHouse, lag is as it was, at a share of the maximum",
  options: { backlog: 60_000, percent: 50, seconds: 30, seed: 7 },

  async run({ backlog = 0, percent = 0, seconds = 0, seed = 0 }, tell) {
    const stack = await startLocalStack();
    const { options, clickhouse } = stack.database("spanhouse");
    const outlet = await createKafkaOutlet({ brokers: stack.brokers, topic, keyless: false, json: false });
    const connection = { brokers: stack.brokers, clientId: "bench", log: () => undefined };
    /** Asked until a broker knows: a group that is young has no coordinator yet. */
    const lag = async (): Promise<number> => {
      const positions = await readLogPositions(connection, topic, group).catch(() => undefined);
      if (positions === undefined) return delay(sampleMs).then(lag);
      return positions.reduce((sum, { low, high, committed }) => sum + Number(high - (committed ?? low)), 0);
    };
    const send = (project: string, spans: number, rate?: number) =>
      runTraffic(outlet, {
        ...{ seed: seed++, traces: Math.ceil(spans / spansPerTrace), rate, projects: [project] },
        ...{ startMs: Date.UTC(2026, 9, 5), hours: 24 },
      });
    const start = () => {
      const logFile = join(stack.directory, "consumer.log");
      return startConsumerProcess({
        ...{ program: builtConsumer, brokers: stack.brokers, topic, group, clickhouse: options, logFile },
      });
    };
    let consumer: ConsumerProcess | undefined;

    async function untilLag(atMost: number): Promise<number> {
      const began = performance.now();
      while ((await lag()) > atMost) {
        if (consumer?.running === false) throw new Error(`the consumer ended:\n${consumer.lastWords()}`);
        await delay(sampleMs);
      }
      return (performance.now() - began) / 1000;
    }

    const outages: Readonly<Record<string, () => Promise<void>>> = {
      async "consumer killed"() {
        await consumer!.kill();
        await delay(seconds * 1000);
        consumer = await start();
      },
      async "ClickHouse does not answer"() {
        process.kill(stack.engine.pid, "SIGSTOP");
        await delay(seconds * 1000);
        process.kill(stack.engine.pid, "SIGCONT");
      },
    };

    const figures: Figure[] = [];
    try {
      const { sent, ledger } = await send("backlog", backlog);
      consumer = await start();
      const maximum = sent.spans / (await untilLag(0));
      const rate = (maximum * percent) / 100;
      tell(`maximum: ${Math.round(maximum)} spans/s; load: ${Math.round(rate)}`);
      figures.push(told("maximum", Math.round(maximum), "spans/s"));
      const ledgers = [ledger];
      for (const [name, happen] of Object.entries(outages)) {
        const traffic = send(
          name.toLowerCase().replaceAll(" ", "-"),
          rate * (usualSeconds + seconds * (1 + target)),
          rate,
        );
        traffic.catch(() => undefined);
        let usual = 0;
        const until = performance.now() + usualSeconds * 1000;
        while (performance.now() < until) {
          usual = Math.max(usual, await lag());
          await delay(sampleMs);
        }
        await happen();
        const behind = await lag();
        const took = await untilLag(usual);
        tell(`${name}: ${behind} records behind, ${took.toFixed(1)} s until ${usual}, as before`);
        ledgers.push((await traffic).ledger);
        const ratio = Number((took / seconds).toFixed(2));
        figures.push(
          told(`${name}: lag before`, usual, "records"),
          told(`${name}: lag at its end`, behind, "records"),
          { ...told(`${name}: until lag is as before`, ratio, "× the outage"), target, ok: ratio <= target },
        );
      }
      let differences = 0;
      for (const ledger of ledgers) {
        differences += (await awaitLedger(ledger, clickhouse, 120_000)).differences.length;
      }
      figures.push({ ...told("differences", differences, "figures"), target: 0, ok: differences === 0 });
      await consumer.stop();
      return { figures, versions: await stack.versions() };
    } finally {
      await consumer?.kill();
      await outlet.close();
      await clickhouse.close();
      await stack.stop();
    }
  },
};

function told(name: string, value: number, unit: string): Figure {
  return { name, value, unit, target: null, ok: true };
}
