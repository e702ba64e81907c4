import { milliseconds, wholeNumber } from "@spanhouse/schemas/environment";
import { z } from "zod";
import type { ClickHouseOptions } from "./clickhouse.ts";

/** How a service is told of its ClickHouse. */
export const clickHouseVariables = {
  SPANHOUSE_CLICKHOUSE_URL: z.url({ protocol: /^https?$/, error: "a URL such as http://127.0.0.1:8123" }),
  SPANHOUSE_CLICKHOUSE_USER: z.string().default("default"),
  SPANHOUSE_CLICKHOUSE_PASSWORD: z.string().default(""),
  SPANHOUSE_CLICKHOUSE_DATABASE: z.string().default("spanhouse"),
  SPANHOUSE_CLICKHOUSE_CLUSTER: z
    .string()
    .regex(/^[\w.-]*$/, "the name of a cluster in remote_servers: letters, digits, _ . -")
    .default(""),
  SPANHOUSE_CLICKHOUSE_NODES: z
    .string()
    .transform((list) => list.split(",").map((url) => url.trim()))
    .pipe(z.array(z.url({ protocol: /^https?$/, error: "URLs of all servers of the cluster, by commas" })))
    .optional(),
  SPANHOUSE_CLICKHOUSE_REPLICAS: wholeNumber(1, 16, "replicas of each shard").default(1),
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
    ...(values.SPANHOUSE_CLICKHOUSE_CLUSTER !== "" && {
      cluster: {
        name: values.SPANHOUSE_CLICKHOUSE_CLUSTER,
        nodes: values.SPANHOUSE_CLICKHOUSE_NODES,
        replicas: values.SPANHOUSE_CLICKHOUSE_REPLICAS,
      },
    }),
  };
}
