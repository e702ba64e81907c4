import { commands } from "../../src/commands.ts";
import { noNetwork } from "./record-case.ts";

export interface Said {
  readonly code: number;
  readonly stdout: string;
}

/** A command of `spanhouse` in this process: its programs run in their own all the same. Throws what the command throws. */
export async function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Said> {
  const entry = commands.find(({ name }) => name === args[0]);
  if (entry === undefined) throw new Error(`no command ${args[0]}`);
  const command = await entry.load();
  const lines: string[] = [];
  const code = await command.run(args.slice(1), {
    environment: { ...noNetwork, ...environment },
    signal: new AbortController().signal,
    print: (line) => void lines.push(line),
  });
  return { code, stdout: lines.map((line) => `${line}\n`).join("") };
}
