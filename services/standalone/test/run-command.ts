import { inject } from "vitest";
import type { TestClickHouse } from "../../store/test/test-clickhouse.ts";
import type { Command } from "../src/command.ts";

/** The variables that name a test's database. */
export function storeEnvironment({ database }: TestClickHouse): Record<string, string> {
  const { url, writer } = inject("clickhouse");
  return {
    SPANHOUSE_CLICKHOUSE_URL: url,
    SPANHOUSE_CLICKHOUSE_DATABASE: database,
    ...(writer && { SPANHOUSE_CLICKHOUSE_USER: writer.username, SPANHOUSE_CLICKHOUSE_PASSWORD: writer.password }),
  };
}

/** Runs a command in this process on a test's database. */
export async function runCommand(
  command: Command,
  store: TestClickHouse,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
) {
  const lines: string[] = [];
  const code = await command.run(args, {
    environment: { ...storeEnvironment(store), ...environment },
    signal: new AbortController().signal,
    print: (line) => lines.push(line),
  });
  return { code, lines };
}
