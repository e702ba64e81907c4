import { chmodSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { commands } from "../../src/commands.ts";

/**
 * `spanhouse` for a shell, run in this process: a block of documentation calls it many times, and a Node process for each
 * would take longer than what it does. Writes the program into `directory`, to be put on the PATH.
 */
export async function startCommandServer(directory: string) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [variables = "", words = ""] = Buffer.concat(chunks).toString("utf8").split("\0\0");
    const environment = Object.fromEntries(
      variables.split("\0").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    const [name = "", ...args] = words.split("\0").slice(0, -1);
    const { code, said } = await run(name, args, environment);
    response.end(`${code}\n${said}`);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const program = join(directory, "spanhouse");
  writeFileSync(
    program,
    `#!/bin/bash
answer=$({ env -0; printf '\\0'; printf '%s\\0' "$@"; } | curl -s --data-binary @- http://127.0.0.1:${port}/)
code=\${answer%%$'\\n'*}
printf '%s\\n' "\${answer#*$'\\n'}"
exit "\${code:-70}"
`,
  );
  chmodSync(program, 0o755);
  return { stop: () => new Promise((closed) => server.close(closed)) };
}

/** One at a time: a process has one working directory. */
let turn: Promise<unknown> = Promise.resolve();

function run(name: string, args: readonly string[], environment: Readonly<Record<string, string>>) {
  const mine = turn.then(async () => {
    const entry = commands.find((one) => one.name === name);
    if (!entry) return { code: 2, said: `unknown command ${name}` };
    const lines: string[] = [];
    const before = process.cwd();
    process.chdir(environment.PWD ?? before);
    try {
      const command = await entry.load();
      const signal = new AbortController().signal;
      const code = await command.run(args, { environment, signal, print: (line) => lines.push(line) });
      return { code, said: lines.join("\n") };
    } catch (error) {
      return { code: 70, said: String(error) };
    } finally {
      process.chdir(before);
    }
  });
  turn = mine;
  return mine;
}
