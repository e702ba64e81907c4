import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { TrafficSent } from "../generator/run-traffic.ts";
import type { LocalStack } from "../measure/local-stack.ts";
import { usageOf } from "../measure/process-usage.ts";
import { meterOf, type Round } from "./round.ts";

const pollMs = 100;

/**
 * The OpenTelemetry Collector from its start until all spans are in its table: kafkareceiver, batches of 10,000,
 * clickhouseexporter with its own schema, synchronous inserts, nothing dropped. It prices, marks and sums nothing.
 */
export async function collectAll(
  stack: LocalStack,
  { program, topic, group, sent }: { program: string; topic: string; group: string; sent: TrafficSent },
): Promise<Round> {
  const { options, clickhouse } = stack.database(group);
  const configFile = join(stack.directory, `${group}.yaml`);
  const logFile = join(stack.directory, `${group}.log`);
  await clickhouse.createDatabase();
  await writeFile(configFile, JSON.stringify(configOf({ brokers: stack.brokers, topic, group, clickhouse: options })));
  const clickhouseCpu = meterOf(stack, clickhouse);
  const began = performance.now();
  const log = openSync(logFile, "a");
  const child = spawn(program, ["--config", configFile], { stdio: ["ignore", log, log] });
  closeSync(log);
  const exited = once(child, "exit");
  await once(child, "spawn");
  try {
    for (let stored = 0; stored < sent.spans; ) {
      await delay(pollMs);
      if (child.exitCode !== null)
        throw new Error(`the Collector ended:\n${readFileSync(logFile, "utf8").slice(-2_000)}`);
      // Its table is there when it has connected.
      const [row] = await clickhouse.queryRows<[string]>("SELECT toString(count()) FROM otel_traces").catch(() => []);
      stored = Number(row?.[0] ?? 0);
    }
    const seconds = (performance.now() - began) / 1000;
    const own = usageOf(child.pid!);
    return {
      seconds,
      ownCpuSeconds: own.cpuSeconds,
      clickhouseCpuSeconds: await clickhouseCpu(),
      ownPeakBytes: own.peakBytes,
    };
  } finally {
    child.kill("SIGKILL");
    await exited;
    await clickhouse.command(`DROP DATABASE IF EXISTS ${group}`);
    await clickhouse.close();
  }
}

interface Wiring {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly group: string;
  readonly clickhouse: {
    readonly url: string;
    readonly username?: string;
    readonly password?: string;
    readonly database: string;
  };
}

/** JSON is YAML. */
function configOf({ brokers, topic, group, clickhouse }: Wiring) {
  return {
    receivers: {
      kafka: {
        brokers,
        group_id: group,
        initial_offset: "earliest",
        traces: { topics: [topic], encoding: "otlp_proto" },
      },
    },
    processors: { batch: { send_batch_size: 10_000, timeout: "1s" } },
    exporters: {
      clickhouse: {
        endpoint: clickhouse.url,
        username: clickhouse.username,
        password: clickhouse.password,
        database: clickhouse.database,
        async_insert: false,
        create_schema: true,
        sending_queue: { block_on_overflow: true },
      },
    },
    service: {
      telemetry: { metrics: { level: "none" }, logs: { level: "warn" } },
      pipelines: { traces: { receivers: ["kafka"], processors: ["batch"], exporters: ["clickhouse"] } },
    },
  };
}
