import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface DemoTrafficOptions {
  /** Origin of the OTLP/HTTP receiver, such as `http://127.0.0.1:4318`. */
  readonly url: string;
  readonly apiKey: string;
  /** Milliseconds between conversations; 3,000 by default. */
  readonly pace?: number;
  readonly seed?: string;
}

export interface DemoTraffic {
  /** The id of the first trace that was delivered. Rejects when the demonstration ends before that. */
  readonly firstTrace: Promise<string>;
  /** Lets the conversation in hand end, delivers its spans, and resolves when the process is gone. */
  stop(): Promise<void>;
}

/** Run from TypeScript (as tests do) the child needs what the parent was given: a loader, and the sources' exports. */
const fromSource = import.meta.url.endsWith(".ts");
const program = fileURLToPath(new URL(fromSource ? "./main.ts" : "./main.js", import.meta.url));
const execArgv = fromSource ? ["--import", "tsx", "--conditions=@spanhouse/source"] : [];

/** Starts endless demonstration traffic, with its own provider simulator, in a child process that ends with this one. */
export const startDemoTraffic = ({ url, apiKey, pace = 3000, seed = "demo" }: DemoTrafficOptions): DemoTraffic => {
  const child = spawn(process.execPath, [...execArgv, program], { stdio: ["pipe", "pipe", "inherit"] });
  // A child that could not be started has no exit; firstTrace tells.
  const exited = once(child, "exit").catch(() => undefined);
  child.stdin.on("error", () => undefined);
  child.stdin.write(`${JSON.stringify({ url, apiKey, pace, seed })}\n`);

  const firstTrace = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) =>
      resolve((JSON.parse(line) as { readonly traceId: string }).traceId),
    );
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the demonstration ended with code ${code} before its first trace`)));
  });
  firstTrace.catch(() => undefined);
  return {
    firstTrace,
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
};
