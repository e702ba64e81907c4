import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const root = join(import.meta.dirname, "..", "..");
const runner = join(import.meta.dirname, "run-program.mjs");

/** The consumer, in a process that can be killed. */
export const consumerFromSource: readonly string[] = [runner, join(root, "services/consumer/src/main.ts")];

export const gatewayFromSource: readonly string[] = [runner, join(root, "services/gateway/src/main.ts")];

/** `spanhouse`. */
export const commandFromSource: readonly string[] = [runner, join(root, "services/standalone/src/main.ts")];

export interface ProgramRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `generate` or another program of this workspace to its end, as `npm run` does with the built one. */
export async function runProgram(name: string, ...args: readonly string[]): Promise<ProgramRun> {
  const child = spawn(process.execPath, [runner, join(root, `bench/src/${name}.ts`), ...args]);
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  const [code] = await once(child, "exit");
  return { code, stdout: await stdout, stderr: await stderr };
}
