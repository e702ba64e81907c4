import type { Tracer } from "@opentelemetry/api";
import type { SpanPublisher } from "@spanhouse/bus/bus";
import type { KeyAuthority } from "@spanhouse/store/api-keys";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { createAdmission } from "./admission.ts";
import type { GatewayLimits } from "./config.ts";
import { createGrpcGateway, type GrpcGateway } from "./grpc/grpc-gateway.ts";
import { createHttpGateway } from "./http-gateway.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { refusingOwnTelemetry } from "./own-telemetry.ts";
import type { Quotas } from "./quota/quotas.ts";
import type { Redactor } from "./redaction/redactor.ts";
import { createSpanIntake } from "./span-intake.ts";
import { tracedIntake } from "./traced-intake.ts";

export interface GatewayParts {
  readonly publisher: SpanPublisher;
  readonly keys: KeyAuthority;
  readonly quotas: Quotas;
  readonly redactor: Redactor;
  readonly limits: GatewayLimits;
  readonly metrics: GatewayMetrics;
  readonly tracer: Tracer;
  /** Ids of this Spanhouse; none as long as they are not known. */
  readonly installation: () => readonly string[];
  readonly log: FastifyBaseLogger;
}

export interface Gateway {
  readonly http: FastifyInstance;
  readonly grpc: GrpcGateway;
  /** Requests under way are answered when it resolves, those of both protocols. */
  close(): Promise<void>;
}

/** Two protocols in front of one way of spans: they share its limits, and the bytes in flight. */
export function createGateway(parts: GatewayParts): Gateway {
  const admission = createAdmission(parts.limits.maxInflightBytes);
  parts.metrics.observeInflight(admission.heldBytes);
  const takeSpans = refusingOwnTelemetry(tracedIntake(createSpanIntake(parts), parts.tracer), parts.installation);
  const http = createHttpGateway({ ...parts, takeSpans, admission });
  const grpc = createGrpcGateway({ ...parts, takeSpans, admission });
  return {
    http,
    grpc,
    async close() {
      await Promise.all([http.close(), grpc.close()]);
      await parts.quotas.close();
    },
  };
}
