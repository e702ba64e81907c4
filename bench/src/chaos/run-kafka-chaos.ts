import { join } from "node:path";
import { migrate } from "@spanhouse/store/migrate";
import { compare } from "../check/differences.ts";
import { type ConsumerProcessOptions, startConsumerProcess } from "../measure/consumer-process.ts";
import type { ChaosResult, ChaosRun } from "./chaos-run.ts";
import type { Fault } from "./fault.ts";
import { startGatewayProcess } from "./gateway-process.ts";
import { createMember } from "./member.ts";
import { planTraffic, projects, sharesOf } from "./planned-traffic.ts";
import { storeTimeoutMs } from "./rhythm.ts";
import { type KafkaScene, quiet, steady } from "./scene.ts";
import { createSpanLog } from "./span-log.ts";
import type { Control } from "./store-proxy.ts";
import { strikeAll } from "./strike-all.ts";
import { runVerify } from "./verify-command.ts";

export interface KafkaChaosOptions extends ChaosRun {
  /** What Node runs as a consumer. */
  readonly consumer: readonly string[];
  readonly gateway: readonly string[];
  /** Of the consumers in their group; brokers have a least one. */
  readonly sessionTimeoutMs: number;
  readonly faults: readonly Fault[];
  /** Consumers that are wrong: such a run must not pass. */
  readonly control?: Control;
}

/** Each consumer's heap, whatever comes. */
const heapMebibytes = 256;
/** Flushes and rolls so small that a few thousand spans are many of them, and most traces are read back. */
const rhythm = { flushBytes: 256 * 1024, flushMs: 200, rollMs: 700, liveRows: 200 };
/** Shares of the traffic that a fault may use up while its window is awaited. */
const sharesPerFault = 3;

/** Small, and with a clock that a fault may step. */
function programOf({ consumer }: KafkaChaosOptions): readonly string[] {
  const clock = join(import.meta.dirname, "..", "..", "programs", "stepped-clock.mjs");
  return [`--max-old-space-size=${heapMebibytes}`, "--import", clock, ...consumer];
}

/** Two consumers work off traffic while one fault after another strikes; when all is quiet, both oracles are asked. */
export async function runKafkaChaos(options: KafkaChaosOptions): Promise<ChaosResult> {
  const { stack, seed, faults } = options;
  const name = `chaos_${seed}_${Date.now()}`;
  const store = stack.database(name);
  const { clickhouse } = store;
  await clickhouse.createDatabase();
  await migrate(clickhouse);
  const log = await createSpanLog(stack.brokers, name);
  const newMember = (of: string, limits: Partial<ConsumerProcessOptions> = rhythm) =>
    createMember({
      url: store.options.url,
      launch: (url, program = programOf(options)) =>
        startConsumerProcess({
          ...limits,
          storeTimeoutMs,
          program,
          sessionTimeoutMs: options.sessionTimeoutMs,
          brokers: stack.brokers,
          topic: log.topic,
          group: log.group,
          clickhouse: { ...store.options, url },
          logFile: join(stack.directory, `${name}-${of}.log`),
        }),
      control: options.control,
    });
  const members = [await newMember("one"), await newMember("two")] as const;
  const guest = await newMember("guest");
  const usual = await newMember("usual", {});
  const group = { log, members, guest, usual };
  const all = [...members, guest, usual];
  try {
    const { ledger, deliveries, huge } = planTraffic(
      seed,
      options.traces,
      Math.max(...faults.map(({ hugeSpans = 0 }) => hugeSpans), 0),
    );
    const verified: string[] = [];
    const shares = sharesOf(deliveries, faults.length * sharesPerFault + 1);
    let published = 0;
    const publish: KafkaScene["publish"] = async (send) => {
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
    const verify = async () => {
      verified.push(...(await runVerify(options.command, store.options, { ...log, brokers: stack.brokers })));
    };
    const settled = () => steady(group, 2);
    const program = programOf(options);
    const scene: KafkaScene = {
      ...{ ...group, stack, clickhouse, projects, program },
      ...{ huge, publish, settled, verify, startGateway },
    };
    await Promise.all(members.map((member) => member.start()));

    const struck = await strikeAll(faults, scene, options);
    while (published < shares.length) await publish();
    await quiet(scene);
    await Promise.all(members.map((member) => member.stop()));
    await Promise.all(all.map(({ proxy }) => proxy.settled()));
    const comparison = await compare(ledger, clickhouse);
    await verify();
    return {
      spans: [...deliveries, ...huge].reduce((sum, { spans }) => sum + spans, 0),
      ...struck,
      ...comparison,
      verified,
      wrongLetters: await log.wrongLetters(),
    };
  } catch (error) {
    for (const member of all) options.tell(member.lastWords());
    throw error;
  } finally {
    await Promise.all(all.map((member) => member.close()));
    await clickhouse.command(`DROP DATABASE IF EXISTS ${name} SYNC`);
    await clickhouse.close();
  }
}
