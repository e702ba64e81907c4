import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import {
  type Metadata,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { KeyAuthority } from "@spanhouse/store/api-keys";
import type { FastifyBaseLogger } from "fastify";
import type { Admission } from "../admission.ts";
import type { GatewayLimits } from "../config.ts";
import { grantIngest } from "../credentials.ts";
import { type Failure, failed, statusOf } from "../failure.ts";
import type { GatewayMetrics } from "../metrics.ts";
import { exportResponse } from "../otlp-answer.ts";
import { type Intake, type SpanIntake, toldReasons } from "../span-intake.ts";
import { createReceiveSlots } from "./receive-slots.ts";
import { type RpcFailure, rpcFailure } from "./rpc-failure.ts";

export interface GrpcGatewayParts {
  readonly takeSpans: SpanIntake;
  readonly keys: KeyAuthority;
  readonly limits: GatewayLimits;
  readonly metrics: GatewayMetrics;
  readonly admission: Admission;
  readonly log: FastifyBaseLogger;
}

export interface GrpcGateway {
  /** The port that it listens on. Rejects as `net.Server` does, with EADDRINUSE for a port that is taken. */
  listen(at: { readonly host: string; readonly port: number }): Promise<number>;
  /** Calls under way are answered when it resolves, or were cut after `closeGraceMs`. */
  close(): Promise<void>;
}

/** The bytes pass as they are: Spanhouse's own codec reads them, as it does on HTTP. */
const bytesAsTheyAre = (bytes: Buffer): Buffer => bytes;

const traceService: ServiceDefinition = {
  export: {
    path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    requestStream: false,
    responseStream: false,
    requestSerialize: bytesAsTheyAre,
    requestDeserialize: bytesAsTheyAre,
    responseSerialize: bytesAsTheyAre,
    responseDeserialize: bytesAsTheyAre,
  },
};

/**
 * OTLP/gRPC for traces. A call's key is checked before a byte of its message is read, and messages are received in
 * slots: that many times `maxGrpcMessageBytes` is what calls that wait for nothing but the network can hold.
 */
export function createGrpcGateway(parts: GrpcGatewayParts): GrpcGateway {
  const { takeSpans, keys, limits, metrics, admission, log } = parts;
  const slots = createReceiveSlots({
    total: limits.grpcReceiveSlots,
    perProject: Math.ceil(limits.grpcReceiveSlots / 4),
    patienceMs: limits.grpcReceivePatienceMs,
  });
  const projects = new WeakMap<Metadata, string>();

  function answered(failure: Failure): RpcFailure {
    metrics.requests.inc({ protocol: "grpc", status: statusOf(failure), code: failure.code });
    return rpcFailure(failure);
  }

  const admitCalls: ServerInterceptor = (_method, call) => {
    let release = () => {};
    let ended = false;

    async function admit(metadata: Metadata): Promise<"admitted" | "gone" | Failure> {
      const grant = await grantIngest(
        { authorization: text(metadata, "authorization"), "x-api-key": text(metadata, "x-api-key") },
        keys,
      );
      if (grant.kind === "failed") return grant;
      const slot = await slots.take(grant.project);
      if (slot === undefined) return failed("BUS_UNAVAILABLE", "too many calls are being received", 1);
      if (ended) {
        slot();
        return "gone";
      }
      const late = setTimeout(() => {
        const details = `OTLP_TRUNCATED: the message did not come within ${limits.requestTimeoutMs} ms`;
        metrics.requests.inc({ protocol: "grpc", status: 400, code: "OTLP_TRUNCATED" });
        call.sendStatus({ code: status.DEADLINE_EXCEEDED, details, metadata: null });
      }, limits.requestTimeoutMs);
      release = () => {
        clearTimeout(late);
        slot();
      };
      projects.set(metadata, grant.project);
      return "admitted";
    }

    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        void admit(metadata).then((admitted) => {
          if (admitted === "admitted") next(metadata);
          else if (admitted !== "gone") call.sendStatus(answered(admitted));
        });
      })
      .withOnReceiveMessage((message, next) => {
        release();
        next(message);
      })
      .withOnCancel(() => {
        ended = true;
        release();
      })
      .build();
    return new ServerInterceptingCall(call, { start: (next) => next(listener) });
  };

  async function take(project: string, message: Buffer): Promise<Intake> {
    const lease = admission.lease(message.length);
    if (lease === undefined) {
      return failed("BUS_UNAVAILABLE", `requests of ${limits.maxInflightBytes} bytes wait for the span log`, 1);
    }
    try {
      metrics.bytes.inc({ state: "inflated" }, message.length);
      return await takeSpans(project, message);
    } catch (error) {
      log.error({ err: error }, "request failed");
      return failed("INTERNAL", "a defect of Spanhouse; its log has the details");
    } finally {
      lease.release();
    }
  }

  const service: UntypedServiceImplementation = {
    export(call: { readonly metadata: Metadata; readonly request: Buffer }, respond: Respond) {
      void take(projects.get(call.metadata)!, call.request).then((intake) => {
        if (intake.kind === "failed") {
          respond(answered(intake));
          return;
        }
        metrics.requests.inc({ protocol: "grpc", status: 200, code: "OK" });
        const { length } = intake.rejections;
        respond(null, Buffer.from(exportResponse("protobuf", length, toldReasons(intake.rejections))));
      });
    },
  };

  const server = new Server({
    interceptors: [admitCalls],
    "grpc.max_receive_message_length": limits.maxGrpcMessageBytes,
    "grpc.max_concurrent_streams": limits.grpcStreamsPerConnection,
    "grpc.max_connection_idle_ms": limits.grpcIdleMs,
    "grpc.enable_channelz": 0,
  });
  server.addService(traceService, service);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  // A listener of our own: gRPC's does not bound its connections.
  const listener = createServer({ noDelay: true }, (socket) => injector.injectConnection(socket));
  listener.maxConnections = limits.maxConnections;

  return {
    async listen({ host, port }) {
      listener.listen({ host, port });
      await once(listener, "listening");
      return (listener.address() as AddressInfo).port;
    },
    async close() {
      listener.close();
      const grace = setTimeout(() => server.forceShutdown(), limits.closeGraceMs);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(grace);
    },
  };
}

type Respond = (failure: RpcFailure | null, response?: Buffer) => void;

function text(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === "string" ? value : undefined;
}
