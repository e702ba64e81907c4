import { inject } from "vitest";
import type { TestClickHouse } from "../../store/test/test-clickhouse.ts";
import type { Command } from "../src/command.ts";

/** The variables that name a test's database. */
function storeEnvironment({ database }: TestClickHouse): Record<string, string> {
  const { url, writer } = inject("clickhouse");
  return {
    SPANHOUSE_CLICKHOUSE_URL: url,
    SPANHOUSE_CLICKHOUSE_DATABASE: database,
    ...(writer && { SPANHOUSE_CLICKHOUSE_USER: writer.username, SPANHOUSE_CLICKHOUSE_PASSWORD: writer.password }),
  };
}

interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Of a person's terminal: what is written over and over on standard error. */
  readonly onProgress?: (text: string) => void;
  /** Told each line as it is printed. */
  readonly onLine?: (line: string) => void;
}

/** Runs a command in this process on a test's database. */
export async function runCommand(
  command: Command,
  store: TestClickHouse,
  args: readonly string[],
  {
    environment = {},
    signal = new AbortController().signal,
    onLine = () => undefined,
    onProgress: write,
  }: RunOptions = {},
) {
  const lines: string[] = [];
  const context = {
    environment: { ...storeEnvironment(store), ...environment },
    signal,
    print(line: string) {
      lines.push(line);
      onLine(line);
    },
    terminal: undefined,
    progress: write && { columns: 80, write },
  };
  const code = await command.run(args, context);
  return { code, lines };
}
