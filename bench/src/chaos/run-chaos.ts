import { join } from "node:path";
import { migrate } from "@spanhouse/store/migrate";
import { compare, type Difference } from "../check/differences.ts";
import type { Delivery } from "../generator/deliveries.ts";
import { traffic } from "../generator/traffic.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { LedgerBook } from "../ledger/ledger-book.ts";
import type { LocalStack } from "../measure/local-stack.ts";
import type { Fault } from "./fault.ts";
import { startGatewayProcess } from "./gateway-process.ts";
import { createMember } from "./member.ts";
import type { Scene } from "./scene.ts";
import { createSpanLog } from "./span-log.ts";
import type { StatementName } from "./statements.ts";
import { until } from "./until.ts";
import { runVerify } from "./verify-command.ts";

export interface ChaosOptions {
  readonly stack: LocalStack;
  /** What Node runs as a consumer. */
  readonly consumer: readonly string[];
  readonly gateway: readonly string[];
  /** And as `spanhouse`. */
  readonly command: readonly string[];
  /** Of the traffic, and of its disorder. */
  readonly seed: number;
  readonly traces: number;
  /** Of the consumers in their group; brokers have a least one. */
  readonly sessionTimeoutMs: number;
  readonly faults: readonly Fault[];
  /** A control: statements that the consumers believe in, and ClickHouse never sees. Such a run must not pass. */
  readonly swallows?: StatementName;
  readonly tell: (line: string) => void;
}

export interface ChaosResult {
  readonly spans: number;
  /** Faults that happened, and those whose window was not reached. */
  readonly hit: readonly Fault[];
  readonly missed: readonly Fault[];
  /** Figures that were laid beside the ledger. */
  readonly compared: number;
  readonly differences: readonly Difference[];
  /** What `spanhouse verify` finds, positions included. */
  readonly verified: readonly string[];
  readonly deadLetters: number;
}

/** Only where every fault happened, and nothing differs: a check that could not run is never a pass. */
export function passed({ missed, differences, verified, deadLetters }: ChaosResult): boolean {
  return missed.length + differences.length + verified.length + deadLetters === 0;
}

/** Flushes and rolls so small that a few thousand spans are many of them, and most traces are read back. */
const rhythm = { flushBytes: 256 * 1024, flushMs: 200, rollMs: 700, liveRows: 200 };
const projects = ["default", "other"];
/** Shares of the traffic that a fault may use up while its window is awaited. */
const sharesPerFault = 3;

/** Two consumers work off traffic while one fault after another strikes; when all is quiet, both oracles are asked. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { stack, seed, faults, tell } = options;
  const began = performance.now();
  const name = `chaos_${seed}_${Date.now()}`;
  const store = stack.database(name);
  const { clickhouse } = store;
  await clickhouse.createDatabase();
  await migrate(clickhouse);
  const log = await createSpanLog(stack.brokers, name);
  const newMember = (of: string) =>
    createMember(
      {
        ...rhythm,
        sessionTimeoutMs: options.sessionTimeoutMs,
        program: options.consumer,
        brokers: stack.brokers,
        topic: log.topic,
        group: log.group,
        clickhouse: store.options,
        logFile: join(stack.directory, `${name}-${of}.log`),
      },
      options.swallows,
    );
  const members = [await newMember("one"), await newMember("two")] as const;
  const guest = await newMember("guest");
  try {
    const { ledger, deliveries } = plannedTraffic(options);
    const shares = sharesOf(deliveries, faults.length * sharesPerFault + 1);
    let published = 0;
    const publish: Scene["publish"] = async (send) => {
      const share = published++;
      const deliveries = shares[share % shares.length]!;
      await (send ? send(deliveries) : log.publish(deliveries, seed + share));
    };
    const startGateway = (port: number) =>
      startGatewayProcess({
        program: options.gateway,
        port,
        brokers: stack.brokers,
        topic: log.topic,
        clickhouse: store.options,
        logFile: join(stack.directory, `${name}-gateway.log`),
      });
    const scene: Scene = { stack, log, clickhouse, members, guest, projects, publish, startGateway };
    await Promise.all(members.map((member) => member.start()));

    const hit: Fault[] = [];
    const missed: Fault[] = [];
    for (const fault of faults) {
      const happened = await fault.strike(scene);
      (happened ? hit : missed).push(fault);
      const at = ((performance.now() - began) / 1000).toFixed(0);
      tell(`  ${happened ? "hit" : "MISSED"}: ${fault.window}: ${fault.action} (${at} s)`);
    }
    while (published < shares.length) await publish();
    await quiet(scene);
    await Promise.all(members.map((member) => member.stop()));
    await Promise.all([...members, guest].map(({ proxy }) => proxy.settled()));
    const comparison = await compare(ledger, clickhouse);
    return {
      spans: deliveries.reduce((sum, { spans }) => sum + spans, 0),
      hit,
      missed,
      ...comparison,
      verified: await runVerify(options.command, store.options, stack.brokers, log),
      deadLetters: await log.deadLetters(),
    };
  } finally {
    await Promise.all([...members, guest].map((member) => member.close()));
    await clickhouse.command(`DROP DATABASE IF EXISTS ${name} SYNC`);
    await clickhouse.close();
  }
}

function plannedTraffic({ seed, traces }: ChaosOptions): { ledger: Ledger; deliveries: readonly Delivery[] } {
  const book = new LedgerBook(projects);
  const planned = traffic({ seed, traces, startMs: Date.UTC(2026, 9, 5, 22), hours: 3, projects }, (trace) =>
    book.add(trace),
  );
  const deliveries = [...planned];
  return { ledger: book.ledger(), deliveries };
}

function sharesOf<T>(items: readonly T[], count: number): T[][] {
  const size = Math.ceil(items.length / count);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size)).filter(
    ({ length }) => length > 0,
  );
}

/** Every record of every partition is stored, rolled up and committed. */
async function quiet({ log, members, guest }: Scene): Promise<void> {
  await until("lag 0 on every partition", async () => {
    const positions = await log.positions();
    return positions.every(({ high, committed }) => (committed ?? 0n) === high);
  }).catch((error: unknown) => {
    for (const member of [...members, guest]) member.mustRun();
    throw error;
  });
}
