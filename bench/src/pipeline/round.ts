import { setTimeout as delay } from "node:timers/promises";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import type { LocalStack } from "../measure/local-stack.ts";
import { usageOf } from "../measure/process-usage.ts";

/** What taking the whole topic into ClickHouse cost. */
export interface Round {
  readonly seconds: number;
  /** Of the process that took it; 0 where there is none. */
  readonly ownCpuSeconds: number;
  /** Until no merge was running any more. */
  readonly clickhouseCpuSeconds: number;
  readonly ownPeakBytes: number;
}

/** ClickHouse's CPU time from now until it has nothing to do. */
export function meterOf(stack: LocalStack, clickhouse: ClickHouse): () => Promise<number> {
  const before = usageOf(stack.engine.pid).cpuSeconds;
  return async () => {
    for (let quiet = 0; quiet < 3; ) {
      const [row] = await clickhouse.queryRows<[string]>("SELECT toString(count()) FROM system.merges");
      quiet = row![0] === "0" ? quiet + 1 : 0;
      await delay(200);
    }
    return usageOf(stack.engine.pid).cpuSeconds - before;
  };
}
