import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { SpanhouseError } from "@spanhouse/schemas/errors";

export interface EngineOptions {
  /** `libchdb.so`. */
  readonly library: string;
  readonly configFile: string;
  /** Where ClickHouse keeps its data. */
  readonly directory: string;
  readonly port: number;
  /** Of the native protocol, for other servers of a cluster; undefined: it is not spoken. */
  readonly tcpPort?: number | undefined;
  readonly username: string;
  readonly password: string;
  readonly log: (message: string) => void;
  /** Ends a start that is under way. */
  readonly signal: AbortSignal;
}

export interface Engine {
  readonly pid: number;
  /** Resolves with why, when the process has ended. */
  readonly ended: Promise<string>;
  /** Lets ClickHouse shut down; kills it after 5 s. */
  stop(): Promise<void>;
}

const startTimeoutMs = 120_000;
const stopTimeoutMs = 5_000;

/** The local session's query that keeps `clickhouse local` running; ending it ends the server. */
const endless =
  "SELECT sleepEachRow(0.1) FROM numbers(1000000000000) " +
  "SETTINGS function_sleep_max_microseconds_per_block = 0, max_block_size = 1 FORMAT Null";

/** Starts ClickHouse in a child process and waits until it answers. Throws STORE_START with what it said. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const child = fork(
    fileURLToPath(new URL("./child.js", import.meta.url)),
    [
      options.library,
      `--config-file=${options.configFile}`,
      `--path=${options.directory}`,
      `--http_port=${options.port}`,
      ...(options.tcpPort === undefined ? [] : [`--tcp_port=${options.tcpPort}`]),
      "--listen_host=127.0.0.1",
      "--query",
      `${options.tcpPort === undefined ? "" : "SYSTEM START LISTEN TCP; "}SYSTEM START LISTEN HTTP; ${endless}`,
    ],
    // A group of its own: Ctrl-C in a terminal goes to the parent, which still needs the engine to finish.
    { execArgv: [], detached: true, cwd: options.directory, stdio: ["ignore", "ignore", "pipe", "ipc"] },
  );
  const ended = reasonOfEnd(child, options.log);
  let over: string | undefined;
  void ended.then((reason) => {
    over = reason;
  });

  const deadline = Date.now() + startTimeoutMs;
  while (over === undefined && !(await Promise.race([answers(options), ended.then(() => false)]))) {
    if (options.signal.aborted || Date.now() > deadline) child.kill("SIGKILL");
    await Promise.race([sleep(20), ended]);
  }
  if (over !== undefined) throw new SpanhouseError("STORE_START", `The embedded ClickHouse did not start: ${over}`);
  return { pid: child.pid!, ended, stop: () => stopEngine(child, ended, options) };
}

async function reasonOfEnd(child: ChildProcess, log: (message: string) => void): Promise<string> {
  let said = "";
  let lastLine = "";
  child.on("message", (message: { ended: string }) => {
    said = message.ended.trim();
  });
  const lines = createInterface({ input: child.stderr! }).on("line", (line) => {
    if (line.trim() !== "") lastLine = line;
    log(line);
  });
  const closed = once(lines, "close");
  try {
    const [code, signal] = await once(child, "exit");
    await closed;
    return [signal === null ? `exit code ${code}` : `signal ${signal}`, said || lastLine].filter(Boolean).join(": ");
  } catch (error) {
    return String(error);
  }
}

async function answers(options: EngineOptions): Promise<boolean> {
  try {
    return (await ask(options, "SELECT 1", 2_000)).ok;
  } catch {
    return false;
  }
}

async function stopEngine(child: ChildProcess, ended: Promise<string>, options: EngineOptions): Promise<void> {
  const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
  while (child.exitCode === null && child.signalCode === null) {
    // The local session's user has no name. Asked again, since its last query may only be about to begin.
    await ask(options, "KILL QUERY WHERE user = ''", 1_000).catch(() => undefined);
    await Promise.race([sleep(100), ended]);
  }
  clearTimeout(timer);
}

async function ask(options: EngineOptions, sql: string, timeoutMs: number): Promise<Response> {
  const response = await fetch(`http://127.0.0.1:${options.port}/`, {
    method: "POST",
    headers: { "X-ClickHouse-User": options.username, "X-ClickHouse-Key": options.password },
    body: sql,
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.arrayBuffer();
  return response;
}
