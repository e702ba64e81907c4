import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { lockDirectory } from "./directory-lock.ts";
import { type EngineCluster, type EngineUsers, engineConfig } from "./engine-config.ts";
import { engineLibrary } from "./engine-library.ts";
import { type Engine, startEngine } from "./engine-process.ts";

export interface EmbeddedServerOptions {
  /** Made when it is missing. Holds the lock, the generated configuration and ClickHouse's data. */
  readonly dataDir: string;
  /** 0 or absent: any free one. */
  readonly httpPort?: number;
  /** Of which it is a shard; undefined: it is by itself. */
  readonly shard?: EmbeddedShard;
  /** What the engine and its supervision have to say, a line at a time. */
  readonly log?: (message: string) => void;
  /** The engine had died unasked and answers again, at the same address. */
  readonly onRestart?: (pid: number) => void;
}

export interface EmbeddedShard {
  readonly cluster: EngineCluster;
  /** Its own of the cluster's ports. */
  readonly tcpPort: number;
  /** All shards have the same. */
  readonly users: EngineUsers;
}

export interface EmbeddedServer {
  /** HTTP on 127.0.0.1. */
  readonly url: string;
  /** May do everything. The passwords are new at each start. */
  readonly username: string;
  readonly password: string;
  /** May only SELECT, within limits of time, memory and rows. */
  readonly reader: { readonly username: string; readonly password: string };
  /** Of the engine's process; another one after a restart. */
  readonly pid: number;
  /** Resolves when the engine has ended and the directory is free. May be called again. */
  stop(): Promise<void>;
}

const firstDelayMs = 100;
const greatestDelayMs = 10_000;
/** An engine that lived this long had no trouble starting: the next delay is the first again. */
const healthyAfterMs = 60_000;
/** How long the engine of a parent that was killed may take to go. */
const orphanMs = 10_000;

/**
 * ClickHouse from npm as a server of this process: started again when it dies, gone when this process is, however it
 * ends. Throws STORE_PLATFORM, STORE_IN_USE or STORE_START.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const library = engineLibrary();
  const log = options.log ?? (() => undefined);
  const dataDir = resolve(options.dataDir);
  const directory = join(dataDir, "engine");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(dataDir);

  const users = options.shard?.users ?? newUsers();
  const { writer, reader } = users;
  const configFile = join(dataDir, "server.xml");
  const stopping = new AbortController();
  const stopAsked = once(stopping.signal, "abort").then(() => "asked to");
  const start = (port: number): Promise<Engine> =>
    startEngine({
      ...{ library, configFile, directory, port, tcpPort: options.shard?.tcpPort },
      ...{ ...writer, log, signal: stopping.signal },
    });

  let engine: Engine;
  let port: number;
  try {
    writeFileSync(configFile, engineConfig(configFile, users, options.shard?.cluster), { mode: 0o600 });
    ({ engine, port } = await startFirst(start, directory, options.httpPort ?? 0));
  } catch (error) {
    lock.release();
    throw error;
  }
  const supervision = supervise();

  return {
    url: `http://127.0.0.1:${port}`,
    ...writer,
    reader,
    get pid() {
      return engine.pid;
    },
    stop() {
      stopping.abort();
      return supervision;
    },
  };

  async function supervise(): Promise<void> {
    let delayMs = firstDelayMs;
    for (;;) {
      const startedAt = Date.now();
      const reason = await Promise.race([engine.ended, stopAsked]);
      if (stopping.signal.aborted) break;
      if (Date.now() - startedAt > healthyAfterMs) delayMs = firstDelayMs;
      log(`ClickHouse ended (${reason}); it is started again in ${delayMs} ms`);
      await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) break;
      delayMs = Math.min(delayMs * 2, greatestDelayMs);
      try {
        engine = await start(port);
        options.onRestart?.(engine.pid);
      } catch (error) {
        log(String(error));
      }
    }
    await engine.stop();
    lock.release();
  }
}

/** Passwords that nobody has had before. */
export function newUsers(): EngineUsers {
  const password = () => randomBytes(24).toString("base64url");
  return {
    writer: { username: "spanhouse", password: password() },
    reader: { username: "reader", password: password() },
  };
}

type Start = (port: number) => Promise<Engine>;

/** Bears with an orphaned engine that is still on its way out, and with a free port that was taken meanwhile. */
async function startFirst(
  start: Start,
  directory: string,
  httpPort: number,
): Promise<{ engine: Engine; port: number }> {
  const deadline = Date.now() + orphanMs;
  for (;;) {
    const port = httpPort || (await freePort());
    try {
      return { engine: await start(port), port };
    } catch (error) {
      const message = String(error);
      const inUse = message.includes("Cannot lock file");
      const portTaken = httpPort === 0 && message.includes("Address already in use");
      if (!inUse && !portTaken) throw error;
      if (Date.now() > deadline) {
        throw inUse
          ? new SpanhouseError("STORE_IN_USE", `${directory} is in use by another ClickHouse.`, { cause: error })
          : error;
      }
      await sleep(100);
    }
  }
}

export function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer().once("error", failed);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => found(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
