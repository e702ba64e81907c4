import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { awaitLedger } from "../check/await-ledger.ts";
import type { TrafficSent } from "../generator/run-traffic.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { builtConsumer, type ConsumerProcess, startConsumerProcess } from "../measure/consumer-process.ts";
import type { LocalStack } from "../measure/local-stack.ts";
import { usageOf } from "../measure/process-usage.ts";
import { meterOf, type Round } from "./round.ts";

export interface ConsumerRound extends Round {
  /** Figures in which the tables differ from the ledger. */
  readonly differences: number;
}

export interface ConsumedTopic {
  readonly topic: string;
  /** The consumer's group, and its database. */
  readonly group: string;
  /** What the tables must say of what was sent. */
  readonly ledger: Ledger;
  readonly sent: Pick<TrafficSent, "deliveries">;
  /** Of Node, as for the size of the heap. */
  readonly nodeArguments?: readonly string[];
}

const pollMs = 100;

/**
 * One consumer as it is deployed, from when it answers until it has stored, rolled up and committed everything and left.
 * Its database, of the name of its group, stays.
 */
export async function consumeAll(
  stack: LocalStack,
  { topic, group, ledger, sent, nodeArguments = [] }: ConsumedTopic,
): Promise<ConsumerRound> {
  const { options, clickhouse } = stack.database(group);
  const consumer = await startConsumerProcess({
    ...{ program: [...nodeArguments, ...builtConsumer], brokers: stack.brokers, topic, group, clickhouse: options },
    logFile: join(stack.directory, `${group}.log`),
  });
  try {
    while ((await consumer.recordsTaken()) === undefined) await next(consumer);
    const began = performance.now();
    const own = usageOf(consumer.pid).cpuSeconds;
    const clickhouseCpu = meterOf(stack, clickhouse);
    while (((await consumer.recordsTaken()) ?? 0) < sent.deliveries) await next(consumer);

    let last = usageOf(consumer.pid);
    const stopped = consumer.stop().then(() => true);
    while (!(await Promise.race([stopped, delay(20, false)]))) {
      const now = consumer.running ? usageOf(consumer.pid) : last;
      // A process on its way out has no memory any more.
      if (now.peakBytes > 0) last = now;
    }
    const seconds = (performance.now() - began) / 1000;
    return {
      seconds,
      ownCpuSeconds: last.cpuSeconds - own,
      clickhouseCpuSeconds: await clickhouseCpu(),
      ownPeakBytes: last.peakBytes,
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
