import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { ClickHouseOptions } from "@spanhouse/store/clickhouse";
import type { SpanLog } from "./span-log.ts";

export const builtCommand: readonly string[] = [
  join(import.meta.dirname, "..", "..", "..", "services", "standalone", "dist", "main.js"),
];

/** What `spanhouse verify` finds, positions in the log included, a line each. Throws where it could not look. */
export async function runVerify(
  program: readonly string[],
  clickhouse: ClickHouseOptions,
  kafka?: Pick<SpanLog, "topic" | "group"> & { readonly brokers: readonly string[] },
): Promise<readonly string[]> {
  const child = spawn(process.execPath, [...program, "verify", "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...(kafka && {
        SPANHOUSE_KAFKA_BROKERS: kafka.brokers.join(","),
        SPANHOUSE_KAFKA_TOPIC: kafka.topic,
        SPANHOUSE_KAFKA_GROUP: kafka.group,
      }),
      SPANHOUSE_CLICKHOUSE_URL: clickhouse.url,
      SPANHOUSE_CLICKHOUSE_USER: clickhouse.username ?? "",
      SPANHOUSE_CLICKHOUSE_PASSWORD: clickhouse.password ?? "",
      SPANHOUSE_CLICKHOUSE_DATABASE: clickhouse.database,
    },
  });
  const [code, output, errors] = await Promise.all([
    new Promise<number | null>((ended) => child.once("exit", ended)),
    text(child.stdout),
    text(child.stderr),
  ]);
  const lines = output.trimEnd().split("\n");
  const total: unknown = JSON.parse(lines.pop() || "null");
  if (!isTotal(total)) throw new Error(`spanhouse verify ended with ${code}:\n${errors}${output}`);
  if (total.traces === 0) throw new Error("spanhouse verify found no trace to look at");
  const found = lines.filter((line) => !line.includes('"wrong":false'));
  if (found.length !== total.differences || (code === 0) !== (found.length === 0)) {
    throw new Error(`spanhouse verify contradicts itself, it ended with ${code}:\n${output}`);
  }
  return found;
}

function isTotal(value: unknown): value is { readonly traces: number; readonly differences: number } {
  return typeof value === "object" && value !== null && "traces" in value && "differences" in value;
}
