import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export interface GatewayMetrics {
  readonly registry: Registry;
  /**
   * Answers to OTLP requests and scores; `code` is `OK` or a code of the error catalogue, `status` the HTTP status of the
   * code also where gRPC answered.
   */
  readonly requests: Counter<"protocol" | "status" | "code">;
  readonly spans: Counter<"result">;
  readonly bytes: Counter<"state">;
  readonly publishSeconds: Histogram;
  /** Registers the gauge of one gateway's bodies in flight. */
  observeInflight(heldBytes: () => number): void;
}

export function createGatewayMetrics(registry: Registry): GatewayMetrics {
  const registers = [registry];
  return {
    registry,
    requests: new Counter({
      name: "spanhouse_gateway_requests_total",
      help: "OTLP requests and scores by protocol (http, grpc), HTTP status and error code (OK for none).",
      labelNames: ["protocol", "status", "code"],
      registers,
    }),
    spans: new Counter({
      name: "spanhouse_gateway_spans_total",
      help: "Spans accepted (acknowledged by the span log) and rejected (by OTLP partial success).",
      labelNames: ["result"],
      registers,
    }),
    bytes: new Counter({
      name: "spanhouse_gateway_body_bytes_total",
      help: "Bytes of bodies read, as sent and inflated.",
      labelNames: ["state"],
      registers,
    }),
    publishSeconds: new Histogram({
      name: "spanhouse_gateway_publish_seconds",
      help: "Time until the span log answered a request's records.",
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    observeInflight(heldBytes) {
      new Gauge({
        name: "spanhouse_gateway_inflight_bytes",
        help: "Bytes of bodies that are not answered yet.",
        registers,
        collect() {
          this.set(heldBytes());
        },
      });
    },
  };
}
