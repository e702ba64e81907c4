import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A program of the build, as a user runs it, in a process group of its own as a terminal gives it. */
export interface BuiltProcess {
  readonly pid: number;
  /** Both streams so far. */
  output(): string;
  stdout(): string;
  /** The first match in stdout, once it is there. Rejects when the process ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  signal(name: NodeJS.Signals): void;
  /** To the whole group: what Ctrl-C in a terminal does. */
  signalGroup(name: NodeJS.Signals): void;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** `program` is a path below the repository, such as `services/gateway/dist/main.js`. */
export function runBuilt(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): BuiltProcess {
  if (!existsSync(`${root}${program}`)) throw new Error(`${program} is not built: run npx tsc -b first`);
  // Nothing of ours from the test's own environment.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(SPANHOUSE|OTEL|VITEST|NODE_OPTIONS)/.test(name));
  const child = spawn(process.execPath, [`${root}${program}`, ...args], {
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let stdout = "";
  let output = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  // Both streams are at their end then, which is after every process that shares them.
  const ended = once(child, "close").then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals);
  return {
    pid: child.pid!,
    output: () => output,
    stdout: () => stdout,
    async says(pattern) {
      for (;;) {
        const found = pattern.exec(stdout);
        if (found) return found;
        const more = await Promise.race([once(child.stdout, "data").then(() => true), ended.then(() => false)]);
        if (!more && !pattern.test(stdout)) throw new Error(`it ended before saying ${pattern}:\n${output}`);
      }
    },
    ended,
    signal: (name) => void child.kill(name),
    signalGroup(name) {
      if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, name);
    },
  };
}

export function spanhouse(args: readonly string[], environment: Readonly<Record<string, string>> = {}): BuiltProcess {
  return runBuilt("services/standalone/dist/main.js", args, environment);
}
