import type { ConnectionOptions } from "node:tls";
import type { ISocketFactory, Kafka, KafkaConfig, LogEntry } from "kafkajs";
import kafkajs from "kafkajs";
import { registerCompressionCodecs } from "./compression-codecs.ts";
import { mendKafkajs } from "./mended-kafkajs.ts";

export type LogLevel = "error" | "warn" | "info" | "debug";
export type Log = (level: LogLevel, message: string, fields: Readonly<Record<string, unknown>>) => void;

/** How brokers are reached; the same for publishers, subscribers and tools. */
export interface KafkaConnection {
  /** `host:port` of some brokers; the rest of the cluster is found from them. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: boolean | ConnectionOptions;
  /** As kafkajs takes it: `{ mechanism: "plain" | "scram-sha-256" | "scram-sha-512" | "aws" | "oauthbearer", … }`. */
  readonly sasl?: NonNullable<KafkaConfig["sasl"]>;
  readonly log: Log;
}

/** `openSocket`: of `createKafkaSockets`, for whoever lives on when the client is gone. */
export function createKafkaClient(
  { brokers, clientId, ssl, sasl, log }: KafkaConnection,
  openSocket?: ISocketFactory,
): Kafka {
  registerCompressionCodecs();
  mendKafkajs();
  return new kafkajs.Kafka({
    brokers: [...brokers],
    clientId,
    ...(openSocket && { socketFactory: openSocket }),
    ...(ssl !== undefined && { ssl }),
    ...(sasl !== undefined && { sasl }),
    connectionTimeout: 3_000,
    requestTimeout: 15_000,
    // Short: whoever uses the client has a loop of its own that goes on for as long as it should.
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 4 },
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => (entry) => log(levelOf(entry), entry.log.message, fieldsOf(entry)),
  });
}

/** What kafkajs calls an error it mostly retries: its users say by themselves what went wrong for good. */
function levelOf({ level }: LogEntry): LogLevel {
  return level <= kafkajs.logLevel.WARN ? "warn" : "info";
}

function fieldsOf({ namespace, log: { timestamp, logger, message, stack, ...fields } }: LogEntry) {
  return { component: `kafkajs/${namespace}`, ...fields };
}
