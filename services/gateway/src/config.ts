import { kafkaVariables } from "@spanhouse/bus/kafka/environment";
import { type KafkaSecurity, kafkaSecurity } from "@spanhouse/bus/kafka/security";
import type { ConnectionLimits } from "@spanhouse/schemas/connection-limits";
import { byteCount, type Environment, parseEnvironment, portNumber } from "@spanhouse/schemas/environment";
import type { ClickHouseOptions } from "@spanhouse/store/clickhouse";
import { clickHouseOptions, clickHouseVariables } from "@spanhouse/store/environment";
import { limitVariables, usualLimits } from "@spanhouse/store/limits/environment";
import type { ProjectLimits } from "@spanhouse/store/limits/project-limits";
import { z } from "zod";

/** What one request, and all together, may take. */
export interface GatewayLimits extends ConnectionLimits {
  /** Of a body as sent. */
  readonly maxBodyBytes: number;
  /** Of a protobuf body when inflated. JSON, which is larger in memory, may inflate to `maxBodyBytes`. */
  readonly maxInflatedBytes: number;
  readonly maxSpans: number;
  /** Of a record's value; the bus must take it. */
  readonly maxRecordBytes: number;
  /** Of the bodies of all requests that are not answered yet. */
  readonly maxInflightBytes: number;
  /** Of a gRPC message, inflated. */
  readonly maxGrpcMessageBytes: number;
  /** So many gRPC messages are received at once, of one project a quarter. */
  readonly grpcReceiveSlots: number;
  /** A call waits this long for a slot. */
  readonly grpcReceivePatienceMs: number;
  readonly grpcStreamsPerConnection: number;
  /** A connection without calls is closed after this long. */
  readonly grpcIdleMs: number;
  /** For requests under way when the gateway is told to stop. */
  readonly closeGraceMs: number;
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
  maxGrpcMessageBytes: 16 * MiB,
  grpcReceiveSlots: 32,
  grpcReceivePatienceMs: 5_000,
  grpcStreamsPerConnection: 100,
  grpcIdleMs: 300_000,
  closeGraceMs: 20_000,
};

export interface GatewayConfig {
  readonly host: string;
  readonly port: number;
  readonly grpcPort: number;
  /** `/metrics` is on the main port; where this is set, on a port of its own too. */
  readonly metricsPort: number | undefined;
  readonly kafka: { readonly brokers: readonly string[]; readonly topic: string; readonly security: KafkaSecurity };
  readonly clickhouse: ClickHouseOptions;
  /** A revoked key stops working after at most this long. */
  readonly keyRefreshMs: number;
  readonly limits: GatewayLimits;
  /** Of projects that have none of their own. */
  readonly projectLimits: ProjectLimits;
}

const variables = z.object({
  ...kafkaVariables,
  ...clickHouseVariables,
  ...limitVariables,
  SPANHOUSE_GATEWAY_HOST: z.string().default("0.0.0.0"),
  SPANHOUSE_GATEWAY_PORT: portNumber().default(4318),
  SPANHOUSE_GATEWAY_GRPC_PORT: portNumber().default(4317),
  SPANHOUSE_METRICS_PORT: portNumber().optional(),
  SPANHOUSE_GATEWAY_MAX_RECORD_BYTES: byteCount(1024).default(defaultLimits.maxRecordBytes),
  // Below one body's worth, the largest bodies could never be taken.
  SPANHOUSE_GATEWAY_MAX_INFLIGHT_BYTES: byteCount(defaultLimits.maxInflatedBytes).default(
    defaultLimits.maxInflightBytes,
  ),
});

/** Throws CONFIG naming every variable that is wrong and what it should be. */
export function gatewayConfig(environment: Environment): GatewayConfig {
  const data = parseEnvironment(variables, environment);
  return {
    host: data.SPANHOUSE_GATEWAY_HOST,
    port: data.SPANHOUSE_GATEWAY_PORT,
    grpcPort: data.SPANHOUSE_GATEWAY_GRPC_PORT,
    metricsPort: data.SPANHOUSE_METRICS_PORT,
    kafka: {
      brokers: data.SPANHOUSE_KAFKA_BROKERS,
      topic: data.SPANHOUSE_KAFKA_TOPIC,
      security: kafkaSecurity(data),
    },
    clickhouse: clickHouseOptions(data),
    keyRefreshMs: 10_000,
    projectLimits: usualLimits(data),
    limits: {
      ...defaultLimits,
      maxRecordBytes: data.SPANHOUSE_GATEWAY_MAX_RECORD_BYTES,
      maxInflightBytes: data.SPANHOUSE_GATEWAY_MAX_INFLIGHT_BYTES,
    },
  };
}
