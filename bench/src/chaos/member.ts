import {
  type ConsumerProcess,
  type ConsumerProcessOptions,
  startConsumerProcess,
} from "../measure/consumer-process.ts";
import type { StatementName } from "./statements.ts";
import { createStoreProxy, type StoreProxy } from "./store-proxy.ts";

/** A place in the consumer group: one consumer process after another, all behind the same proxy. */
export interface Member {
  readonly proxy: StoreProxy;
  /** Starts the process if none runs. */
  start(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it has ended, throws where it did not end in order. */
  stop(): Promise<void>;
  /** SIGSTOP and SIGCONT: a pause that the process itself cannot notice. */
  suspend(): void;
  resume(): void;
  /** Throws with the last words of a process that ended though nobody asked it to. */
  mustRun(): void;
  close(): Promise<void>;
}

export async function createMember(options: ConsumerProcessOptions, swallows?: StatementName): Promise<Member> {
  const proxy = await createStoreProxy(options.clickhouse.url, swallows);
  let process: ConsumerProcess | undefined;

  const signal = (name: "SIGSTOP" | "SIGCONT") => {
    if (process?.running) globalThis.process.kill(process.pid, name);
  };
  const end = async (how: "kill" | "stop") => {
    const ending = process;
    try {
      await ending?.[how]();
    } finally {
      if (process === ending) process = undefined;
    }
  };
  return {
    proxy,
    async start() {
      process ??= await startConsumerProcess({ ...options, clickhouse: { ...options.clickhouse, url: proxy.url } });
    },
    kill: () => end("kill"),
    stop: () => end("stop"),
    suspend: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    mustRun() {
      if (process && !process.running) throw new Error(`a consumer ended by itself:\n${process.lastWords()}`);
    },
    async close() {
      await end("kill");
      await proxy.close();
    },
  };
}
