import { setTimeout as delay } from "node:timers/promises";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { awaitLedger } from "../check/await-ledger.ts";
import type { Difference } from "../check/differences.ts";
import { createRandom } from "../generator/random.ts";
import type { Ledger } from "../ledger/ledger.ts";
import {
  type ConsumerProcess,
  type ConsumerProcessOptions,
  startConsumerProcess,
} from "../measure/consumer-process.ts";

export interface KilledConsumerOptions {
  readonly consumer: ConsumerProcessOptions;
  readonly clickhouse: ClickHouse;
  readonly ledger: Ledger;
  readonly kills: number;
  /** Decides how long after a step of progress each kill comes. */
  readonly seed: number;
  readonly tell: (line: string) => void;
}

export interface KilledConsumerResult {
  /** Rows that were stored at each kill. */
  readonly killedAt: readonly number[];
  readonly rows: number;
  readonly differences: readonly Difference[];
}

const pollMs = 50;
/** A roll comes every three seconds: kills fall before, in and after one. */
const longestDelayMs = 3_500;
/** Without progress for so long something is wrong. A restarted consumer first rolls what its predecessor left. */
const patienceMs = 600_000;

/** Kills the consumer with SIGKILL again and again while it works off the topic, then lets the last one finish. */
export async function runKilledConsumer(options: KilledConsumerOptions): Promise<KilledConsumerResult> {
  const { clickhouse, ledger, kills, seed, tell } = options;
  const random = createRandom(seed);
  const rows = Object.values(ledger.tallies.spans.project ?? {}).reduce((sum, [of]) => sum + Number(of), 0);
  const killedAt: number[] = [];
  let consumer = await startConsumerProcess(options.consumer);
  try {
    for (let kill = 1; kill <= kills; kill++) {
      const before = killedAt.at(-1) ?? 0;
      // The rest is shared among the kills that are left and what comes after them.
      await progress(clickhouse, consumer, before + Math.ceil((rows - before) / (2 * (kills - kill + 2))));
      await delay(random.int(0, 1) * random.int(0, longestDelayMs));
      await consumer.kill();
      killedAt.push(await storedSpans(clickhouse));
      tell(`kill ${kill}: ${killedAt.at(-1)} of ${rows} rows stored`);
      consumer = await startConsumerProcess(options.consumer);
    }
    await awaitLedger(ledger, clickhouse, patienceMs);
    await consumer.stop();
    const { differences } = await awaitLedger(ledger, clickhouse, 0);
    return { killedAt, rows, differences };
  } finally {
    await consumer.kill();
  }
}

async function progress(clickhouse: ClickHouse, consumer: ConsumerProcess, rows: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while ((await storedSpans(clickhouse)) < rows) {
    if (!consumer.running) throw new Error(`the consumer ended by itself:\n${consumer.lastWords()}`);
    if (Date.now() > deadline) {
      throw new Error(`no ${rows} rows within ${patienceMs / 1000} s; the consumer said:\n${consumer.lastWords()}`);
    }
    await delay(pollMs);
  }
}

/** Distinct rows; none while the consumer has yet to make the tables. */
async function storedSpans(clickhouse: ClickHouse): Promise<number> {
  const [table] = await clickhouse.queryRows<[string]>("EXISTS TABLE spans").catch(() => [["0"] as const]);
  if (Number(table?.[0]) === 0) return 0;
  const [row] = await clickhouse.queryRows<[string]>("SELECT toString(count()) FROM spans FINAL");
  return Number(row![0]);
}
