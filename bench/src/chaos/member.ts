import { type Control, createStoreProxy, type StoreProxy } from "./store-proxy.ts";

/** A process that takes spans to the store. */
export interface MemberProcess {
  readonly pid: number;
  readonly running: boolean;
  /** The end of its output. */
  lastWords(): string;
  /** In order; throws where it failed, and with what keeps it where it does not end in time. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** A place among the consumers: one process after another, all behind the same proxy. */
export interface Member {
  readonly proxy: StoreProxy;
  /** Starts the process if none runs; `program`: in place of the usual one. */
  start(program?: readonly string[]): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when it has ended, throws where it did not end in order. */
  stop(): Promise<void>;
  /** SIGSTOP and SIGCONT: a pause that the process itself cannot notice. */
  suspend(): void;
  resume(): void;
  /** The process's own clock steps, an hour on or back. */
  stepClock(): void;
  /** The end of what its processes said. */
  lastWords(): string;
  /** Throws with the last words of a process that ended though nobody asked it to. */
  mustRun(): void;
  close(): Promise<void>;
}

export interface MemberOptions {
  /** Of ClickHouse. */
  readonly url: string;
  /** Starts a process whose ClickHouse is at this URL. */
  readonly launch: (url: string, program: readonly string[] | undefined) => Promise<MemberProcess>;
  readonly control?: Control | undefined;
}

export async function createMember({ url, launch, control }: MemberOptions): Promise<Member> {
  const proxy = await createStoreProxy(url, control);
  let process: MemberProcess | undefined;

  const signal = (name: "SIGSTOP" | "SIGCONT" | "SIGUSR2") => {
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
    async start(program) {
      process ??= await launch(proxy.url, program);
    },
    kill: () => end("kill"),
    stop: () => end("stop"),
    suspend: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    stepClock: () => signal("SIGUSR2"),
    lastWords: () => process?.lastWords() ?? "",
    mustRun() {
      if (process && !process.running) throw new Error(`a consumer ended by itself:\n${process.lastWords()}`);
    },
    async close() {
      await end("kill");
      await proxy.close();
    },
  };
}
