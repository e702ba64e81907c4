import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";

/** What one request, and all together, may take. */
export interface GatewayLimits {
  /** Of a body as sent. */
  readonly maxBodyBytes: number;
  /** Of a protobuf body when inflated. JSON, which is larger in memory, may inflate to `maxBodyBytes`. */
  readonly maxInflatedBytes: number;
  readonly maxSpans: number;
  /** Of a record's value; the bus must take it. */
  readonly maxRecordBytes: number;
  /** Of the bodies of all requests that are not answered yet. */
  readonly maxInflightBytes: number;
  readonly maxConnections: number;
  readonly maxHeaderBytes: number;
  /** From the connection, or the last answer on it, to the end of the headers. */
  readonly headersTimeoutMs: number;
  /** From the connection, or the last answer on it, to the end of the body. */
  readonly requestTimeoutMs: number;
}

const MiB = 1024 * 1024;

export const defaultLimits: GatewayLimits = {
  maxBodyBytes: 20 * MiB,
  maxInflatedBytes: 64 * MiB,
  maxSpans: 100_000,
  maxRecordBytes: 10_000_000,
  maxInflightBytes: 256 * MiB,
  maxConnections: 2_000,
  maxHeaderBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
};

export interface GatewayConfig {
  readonly host: string;
  readonly port: number;
  /** `/metrics` is on the main port; where this is set, on a port of its own too. */
  readonly metricsPort: number | undefined;
  readonly kafka: { readonly brokers: readonly string[]; readonly topic: string };
  readonly clickhouse: {
    readonly url: string;
    readonly username: string;
    readonly password: string;
    readonly database: string;
  };
  /** A revoked key stops working after at most this long. */
  readonly keyRefreshMs: number;
  readonly limits: GatewayLimits;
}

const port = (expected = "a port, 0 to 65535") =>
  z
    .string()
    .regex(/^\d{1,5}$/, expected)
    .transform(Number)
    .refine((number) => number <= 65_535, expected);

const bytes = (least: number) => {
  const expected = `a whole number of bytes, at least ${least}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, expected)
    .transform(Number)
    .refine((number) => number >= least, expected);
};

const brokers = z
  .string("host:port, several separated by commas")
  .transform((list) => list.split(",").map((broker) => broker.trim()))
  .refine((list) => list.every((broker) => /^[^\s:]+:\d{1,5}$|^\[[^\s\]]+\]:\d{1,5}$/.test(broker)), {
    error: "host:port, several separated by commas",
  });

const environment = z.object({
  SPANHOUSE_GATEWAY_HOST: z.string().default("0.0.0.0"),
  SPANHOUSE_GATEWAY_PORT: port().default(4318),
  SPANHOUSE_METRICS_PORT: port().optional(),
  SPANHOUSE_KAFKA_BROKERS: brokers,
  SPANHOUSE_KAFKA_TOPIC: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,249}$/, "a Kafka topic: 1 to 249 letters, digits, dots, dashes, underscores")
    .default("otlp_spans"),
  SPANHOUSE_CLICKHOUSE_URL: z.url({ protocol: /^https?$/, error: "a URL such as http://127.0.0.1:8123" }),
  SPANHOUSE_CLICKHOUSE_USER: z.string().default("default"),
  SPANHOUSE_CLICKHOUSE_PASSWORD: z.string().default(""),
  SPANHOUSE_CLICKHOUSE_DATABASE: z.string().default("spanhouse"),
  SPANHOUSE_GATEWAY_MAX_RECORD_BYTES: bytes(1024).default(defaultLimits.maxRecordBytes),
  // Below one body's worth, the largest bodies could never be taken.
  SPANHOUSE_GATEWAY_MAX_INFLIGHT_BYTES: bytes(defaultLimits.maxInflatedBytes).default(defaultLimits.maxInflightBytes),
});

const secret: ReadonlySet<string> = new Set(["SPANHOUSE_CLICKHOUSE_URL", "SPANHOUSE_CLICKHOUSE_PASSWORD"]);

/** Throws CONFIG naming every variable that is wrong and what it should be. An empty variable counts as unset. */
export function gatewayConfig(env: Readonly<Record<string, string | undefined>>): GatewayConfig {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = environment.safeParse(set);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => {
      const name = String(path[0]);
      const value = set[name];
      const got = value === undefined ? "it is not set" : secret.has(name) ? "got another" : `got "${value}"`;
      return `${name}: expected ${message}; ${got}`;
    });
    throw new SpanhouseError("CONFIG", problems.join("\n"));
  }
  const { data } = parsed;
  return {
    host: data.SPANHOUSE_GATEWAY_HOST,
    port: data.SPANHOUSE_GATEWAY_PORT,
    metricsPort: data.SPANHOUSE_METRICS_PORT,
    kafka: { brokers: data.SPANHOUSE_KAFKA_BROKERS, topic: data.SPANHOUSE_KAFKA_TOPIC },
    clickhouse: {
      url: data.SPANHOUSE_CLICKHOUSE_URL,
      username: data.SPANHOUSE_CLICKHOUSE_USER,
      password: data.SPANHOUSE_CLICKHOUSE_PASSWORD,
      database: data.SPANHOUSE_CLICKHOUSE_DATABASE,
    },
    keyRefreshMs: 10_000,
    limits: {
      ...defaultLimits,
      maxRecordBytes: data.SPANHOUSE_GATEWAY_MAX_RECORD_BYTES,
      maxInflightBytes: data.SPANHOUSE_GATEWAY_MAX_INFLIGHT_BYTES,
    },
  };
}
