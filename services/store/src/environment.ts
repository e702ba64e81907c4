import { milliseconds } from "@spanhouse/schemas/environment";
import { z } from "zod";
import type { ClickHouseOptions } from "./clickhouse.ts";

/** How a service is told of its ClickHouse. */
export const clickHouseVariables = {
  SPANHOUSE_CLICKHOUSE_URL: z.url({ protocol: /^https?$/, error: "a URL such as http://127.0.0.1:8123" }),
  SPANHOUSE_CLICKHOUSE_USER: z.string().default("default"),
  SPANHOUSE_CLICKHOUSE_PASSWORD: z.string().default(""),
  SPANHOUSE_CLICKHOUSE_DATABASE: z.string().default("spanhouse"),
  SPANHOUSE_CLICKHOUSE_TIMEOUT_MS: milliseconds(1_000).default(120_000),
} as const;

type ClickHouseValues = z.infer<z.ZodObject<typeof clickHouseVariables>>;

export function clickHouseOptions(values: ClickHouseValues): ClickHouseOptions {
  return {
    url: values.SPANHOUSE_CLICKHOUSE_URL,
    username: values.SPANHOUSE_CLICKHOUSE_USER,
    password: values.SPANHOUSE_CLICKHOUSE_PASSWORD,
    database: values.SPANHOUSE_CLICKHOUSE_DATABASE,
    timeoutMs: values.SPANHOUSE_CLICKHOUSE_TIMEOUT_MS,
  };
}
