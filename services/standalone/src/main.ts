#!/usr/bin/env node
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { isRetryable } from "@spanhouse/store/clickhouse-error";
import { commands } from "./commands.ts";

const help = `spanhouse: LLM tracing as an event stream

${commands.map(({ name, summary }) => `  ${name.padEnd(14)}${summary}`).join("\n")}

spanhouse COMMAND --help says more.
`;

async function main([name, ...args]: readonly string[]): Promise<number> {
  const entry = commands.find((one) => one.name === name);
  if (!entry) {
    const asked = name === undefined || name === "help" || name === "--help";
    (asked ? process.stdout : process.stderr).write(
      asked ? help : `unknown command ${JSON.stringify(name)}\n\n${help}`,
    );
    return asked ? 0 : 2;
  }
  const command = await entry.load();
  // After -- stand the words of another program.
  if (args.slice(0, args.includes("--") ? args.indexOf("--") : args.length).includes("--help")) {
    process.stdout.write(`${command.usage}\n`);
    return 0;
  }
  const stopping = new AbortController();
  // Every time: Ctrl-C comes from the terminal and once more from npm, and the second one must not cut the end short.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stopping.abort());
  return command.run(args, {
    environment: process.env,
    signal: stopping.signal,
    print: (line) => process.stdout.write(`${line}\n`),
    terminal: process.stdout.isTTY ? { columns: process.stdout.columns } : undefined,
    progress: process.stderr.isTTY
      ? { columns: process.stderr.columns, write: (text) => process.stderr.write(text) }
      : undefined,
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const coded = codedError(error);
  process.stderr.write(`${coded ? `${coded.code}: ${coded.message}` : String(error)}\n`);
  process.exitCode = coded?.code === "CONFIG" ? 2 : 1;
}

function codedError(error: unknown): SpanhouseError | undefined {
  if (error instanceof SpanhouseError) return error;
  return isRetryable(error)
    ? new SpanhouseError("STORE_UNAVAILABLE", `ClickHouse does not answer: ${error}`)
    : undefined;
}
